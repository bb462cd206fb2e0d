using System.Buffers;
using System.Text.Json;

namespace AkkaChat.LoadTest.Protocol;

/// <summary>Writes what a client sends. The ids tell the replies apart: <c>m12</c> is message 12 of the plan, <c>s3</c> a pull of room 3.</summary>
internal static class Requests
{
    public const string Subprotocol = "akkachat.v1+json";

    public const byte SendPrefix = (byte)'m';

    public const byte PullPrefix = (byte)'s';

    public static ReadOnlySpan<byte> HelloId => "hello"u8;

    public static byte[] Ping { get; } = "{\"op\":\"ping\"}"u8.ToArray();

    /// <param name="epoch">Null on a first connection: nothing is resumed.</param>
    public static byte[] Hello(string device, string? epoch, long userSeq, IEnumerable<(string Room, long Seq)> rooms) => Write(writer =>
    {
        writer.WriteString("id"u8, HelloId);
        writer.WriteString("op"u8, "hello"u8);
        writer.WriteStartObject("d"u8);
        writer.WriteString("device"u8, device);
        writer.WriteString("client"u8, "akkachat-load"u8);
        if (epoch is not null)
        {
            writer.WriteStartObject("resume"u8);
            writer.WriteString("epoch"u8, epoch);
            writer.WriteNumber("user"u8, userSeq);
            writer.WriteStartObject("rooms"u8);
            foreach (var (room, seq) in rooms)
            {
                writer.WriteNumber(room, seq);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    });

    public static byte[] Pull(int roomIndex, string room, long from) => Write(writer =>
    {
        writer.WriteString("id"u8, $"s{roomIndex}");
        writer.WriteString("op"u8, "room.sync"u8);
        writer.WriteString("room"u8, room);
        writer.WriteStartObject("d"u8);
        writer.WriteNumber("from"u8, from);
        writer.WriteEndObject();
    });

    /// <summary>Writes a send into a buffer that its connection keeps.</summary>
    public static void Send(ArrayBufferWriter<byte> buffer, Texts texts, int message, string room, Guid cid)
    {
        buffer.ResetWrittenCount();
        Append(buffer, "{\"id\":\"m"u8);
        Append(buffer, message);
        Append(buffer, "\",\"op\":\"message.send\",\"room\":\""u8);
        buffer.Advance(System.Text.Encoding.UTF8.GetBytes(room, buffer.GetSpan(System.Text.Encoding.UTF8.GetMaxByteCount(room.Length))));
        Append(buffer, "\",\"d\":{\"cid\":\""u8);
        cid.TryFormat(buffer.GetSpan(36), out var written);
        buffer.Advance(written);
        Append(buffer, "\",\"text\":\""u8);
        texts.Write(message, buffer.GetSpan(texts.Bytes)[..texts.Bytes]);
        buffer.Advance(texts.Bytes);
        Append(buffer, "\"}}"u8);
    }

    private static void Append(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> bytes) => buffer.Write(bytes);

    private static void Append(ArrayBufferWriter<byte> buffer, int number)
    {
        System.Buffers.Text.Utf8Formatter.TryFormat(number, buffer.GetSpan(11), out var written);
        buffer.Advance(written);
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
