using System.Text;
using System.Text.Json;
using AkkaChat.Messages.Client;
using AkkaChat.Support;

namespace AkkaChat.Messages.Tests.Client;

public sealed class ClientRequestSpecs
{
    private const string Id64 = "0123456789012345678901234567890123456789012345678901234567890123";

    [Theory]
    [InlineData("""{"op":"ping"}""", null, "ping", null, "")]
    [InlineData("""{"id":"1","op":"message.send","room":"r_1","d":{"cid":"c","text":"hi"}}""", "1", "message.send", "r_1", """{"cid":"c","text":"hi"}""")]
    [InlineData("""{"d":{"n":1},"room":"r_1","op":"read.set","id":"2"}""", "2", "read.set", "r_1", """{"n":1}""")]
    [InlineData("""{"id":null,"op":"x","room":null,"d":null}""", null, "x", null, "")]
    [InlineData("""{"id":"","op":""}""", "", "", null, "")]
    [InlineData("""{"id":"é👋\u00e9\n","op":"x"}""", "é👋é\n", "x", null, "")]
    [InlineData("""{"\u0069d":"1","o\u0070":"x"}""", "1", "x", null, "")]
    [InlineData("""{"ID":"1","Op":"y","op":"x"}""", null, "x", null, "")] // names are exact
    [InlineData(""" {"id" : "1" , "op" : "x" , "d" : [ 1 , 2 ] } """, "1", "x", null, "[ 1 , 2 ]")]
    [InlineData("""{"op":"x","d":"text"}""", null, "x", null, "\"text\"")]
    [InlineData("""{"op":"x","d":1.5e3}""", null, "x", null, "1.5e3")]
    [InlineData("""{"op":"x","d":false}""", null, "x", null, "false")]
    [InlineData("""{"op":"x","d":{}}""", null, "x", null, "{}")]
    [InlineData("""{"id":"1","op":"x","extra":{"id":"2","op":"y","d":[{"id":"3"}]}}""", "1", "x", null, "")]
    [InlineData("""{"id":"1","id":"2","op":"x","op":"y","room":"a","room":"b","d":1,"d":2}""", "2", "y", "b", "2")]
    [InlineData("""{"id":"1","id":null,"op":"x","d":1,"d":null}""", null, "x", null, "")]
    [InlineData("{\"id\":\"" + Id64 + "\",\"op\":\"x\"}", Id64, "x", null, "")]
    [InlineData("""{"op":"x","d":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}""", null, "x", null, "[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]")] // 16 levels in all
    public void TryParse_ShouldRead_WhenTheFrameIsGood(string frame, string? id, string op, string? room, string data)
    {
        Assert.True(ClientRequest.TryParse(Encoding.UTF8.GetBytes(frame), out var request, out var replyTo, out var error), error);
        Assert.Equal((id, op, room), (request.Id, request.Op, request.Room));
        Assert.Equal(data, Encoding.UTF8.GetString(request.Data.Span));
        Assert.Equal(id, replyTo);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData(" ", null)]
    [InlineData("x", null)]
    [InlineData("null", null)]
    [InlineData("1", null)]
    [InlineData("\"id\"", null)]
    [InlineData("""["id","1"]""", null)]
    [InlineData("{", null)]
    [InlineData("{}", null)] // op is missing
    [InlineData("""{"id":"1"}""", "1")]
    [InlineData("""{"id":"1","op":null}""", "1")]
    [InlineData("""{"id":"1","op":"x","op":null}""", "1")]
    [InlineData("""{"id":"1","op":7}""", "1")]
    [InlineData("""{"id":"1","op":{"op":"x"}}""", "1")]
    [InlineData("""{"id":"1","op":"x","room":1}""", "1")]
    [InlineData("""{"op":"x","room":["r_1"],"id":"1"}""", "1")]
    [InlineData("""{"id":1,"op":"x"}""", null)]
    [InlineData("""{"id":true,"op":"x"}""", null)]
    [InlineData("""{"id":["1"],"op":"x"}""", null)]
    [InlineData("""{"id":{"a":"1"},"op":"x"}""", null)]
    [InlineData("{\"id\":\"" + Id64 + "4\",\"op\":\"x\"}", null)]
    [InlineData("{\"id\":\"" + Id64 + "4\",\"op\":", null)]
    [InlineData("{\"id\":\"" + Id64 + "4\",\"op\":\"\\ud800\"}", null)]
    [InlineData("""{"id":"1","op":"x" """, "1")]
    [InlineData("""{"id":"1","op":"x",}""", "1")]
    [InlineData("""{"id":"1","op":"x"}{"op":"y"}""", "1")]
    [InlineData("""{"id":"1","op":"x"} 1""", "1")]
    [InlineData("""{"id":"1","op":"x"}]""", "1")]
    [InlineData("""{"id":"1","op":"x"}garbage""", "1")]
    [InlineData("""{"id":"1","op":"x","d":{"a":}}""", "1")]
    [InlineData("""{"id":"1","op":"x","d":{"a":1]}""", "1")]
    [InlineData("""{"id":"1","op":"x","d":01}""", "1")]
    [InlineData("""{"id":"1","op":"x","d":NaN}""", "1")]
    [InlineData("""{"id":"1",'op':'x'}""", "1")]
    [InlineData("""{"id":"1",/* no */"op":"x"}""", "1")]
    [InlineData("""{"id":"1","op":"x","d":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}""", "1")] // 17 levels
    [InlineData("""{"id":"1","op":"\ud800"}""", "1")]
    [InlineData("""{"id":"1","op":"\udc00\ud800"}""", "1")]
    [InlineData("""{"id":"\ud800","op":"x"}""", null)]
    [InlineData("""{"id":"1","op":"\u00"}""", "1")]
    [InlineData("{\"id\":\"1\",\"op\":\"a\nb\"}", "1")] // a raw line feed
    [InlineData("\uFEFF{\"id\":\"1\",\"op\":\"x\"}", null)]
    public void TryParse_ShouldSayWhy_WhenTheFrameIsBad(string frame, string? id) => AssertRefused(Encoding.UTF8.GetBytes(frame), id);

    [Theory]
    [InlineData("7b226964223a2231222c226f70223a22ff227d", "1")] // op is 0xff
    [InlineData("7b226964223a2231222c226f70223a22c328227d", "1")] // op is a cut-off two-byte form
    [InlineData("7b226964223a2231222c226f70223a22eda080227d", "1")] // op is a surrogate in UTF-8
    [InlineData("7b226964223a22ff222c226f70223a2278227d", null)] // id is 0xff
    [InlineData("fffe7b00", null)]
    public void TryParse_ShouldSayWhy_WhenTheBytesAreNotUtf8(string frame, string? id) => AssertRefused(Convert.FromHexString(frame), id);

    [Fact]
    public void TryParse_ShouldNameTheFieldAtFault()
    {
        Assert.Contains("op", Error("""{"op":1}"""), StringComparison.Ordinal);
        Assert.Contains("op", Error("{}"), StringComparison.Ordinal);
        Assert.Contains("room", Error("""{"op":"x","room":1}"""), StringComparison.Ordinal);
        Assert.Contains("id", Error("""{"op":"x","id":1}"""), StringComparison.Ordinal);
        Assert.Contains("64", Error($$"""{"op":"x","id":"{{Id64}}4"}"""), StringComparison.Ordinal);

        static string Error(string frame)
        {
            Assert.False(ClientRequest.TryParse(Encoding.UTF8.GetBytes(frame), out _, out _, out var error));
            return error;
        }
    }

    [Fact]
    public void TryParse_ShouldAgreeWithTheDocumentParser_WhateverTheBytes() =>
        RandomFrames.Noise.ForAll(AssertAsDocument, cases: 50_000, print: Convert.ToHexStringLower);

    [Fact]
    public void TryParse_ShouldAgreeWithTheDocumentParser_WhenAGoodFrameIsDamaged() =>
        RandomFrames.Damaged.ForAll(AssertAsDocument, cases: 50_000, print: Encoding.UTF8.GetString);

    private static void AssertRefused(byte[] frame, string? id)
    {
        Assert.False(ClientRequest.TryParse(frame, out var request, out var replyTo, out var error));
        Assert.NotEmpty(error);
        Assert.Equal(id, replyTo);
        Assert.Equal(default, request);
    }

    /// <summary>The same bytes read another way: JsonDocument and its strings.</summary>
    private static void AssertAsDocument(byte[] frame)
    {
        var parsed = ClientRequest.TryParse(frame, out var request, out var replyTo, out var error);
        Assert.Equal(parsed, error.Length == 0);
        Assert.True(replyTo is null || replyTo.Length <= ClientProtocol.MaxRequestIdLength);
        if (parsed)
        {
            Assert.NotNull(request.Op);
            Assert.Equal(request.Id, replyTo);
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(frame, new JsonDocumentOptions { MaxDepth = ClientProtocol.MaxDepth });
        }
        catch (JsonException)
        {
            Assert.False(parsed);
            return;
        }

        using (document)
        {
            Assert.Equal(Expected(document.RootElement), parsed ? (request.Id, request.Op, request.Room, Text(request.Data)) : null);
        }

        static string Text(ReadOnlyMemory<byte> data) => Encoding.Latin1.GetString(data.Span);
    }

    private static (string? Id, string Op, string? Room, string Data)? Expected(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        try
        {
            var (id, op, room, data) = ((string?)null, (string?)null, (string?)null, "");
            foreach (var property in root.EnumerateObject())
            {
                if (property.NameEquals("id"u8))
                {
                    id = property.Value.GetString();
                }
                else if (property.NameEquals("op"u8))
                {
                    op = property.Value.GetString();
                }
                else if (property.NameEquals("room"u8))
                {
                    room = property.Value.GetString();
                }
                else if (property.NameEquals("d"u8))
                {
                    data = property.Value.ValueKind == JsonValueKind.Null ? "" : Encoding.Latin1.GetString(RawUtf8(property.Value));
                }
            }

            return op is null || id?.Length > ClientProtocol.MaxRequestIdLength ? null : (id, op, room, data);
        }
        catch (InvalidOperationException)
        {
            return null; // not a string, or no valid one
        }
    }

    private static byte[] RawUtf8(JsonElement element) => System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(element).ToArray();
}
