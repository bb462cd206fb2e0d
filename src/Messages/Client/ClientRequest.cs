using System.Text.Json;

namespace AkkaChat.Messages.Client;

/// <summary>One frame from a client: <c>{"id","op","room","d"}</c>, its <c>d</c> still as bytes of the frame.</summary>
/// <param name="Id">Null when no reply is wanted.</param>
/// <param name="Data">The value of <c>d</c>; empty when there is none.</param>
public readonly record struct ClientRequest(string? Id, string Op, string? Room, ReadOnlyMemory<byte> Data)
{
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = ClientProtocol.MaxDepth };

    /// <summary>Reads a frame. Unknown fields are ignored; of a repeated field the last one counts.</summary>
    /// <param name="id">The request's id as far as it could be read, for the reply.</param>
    /// <param name="error">What is wrong, in words for the client.</param>
    public static bool TryParse(ReadOnlyMemory<byte> frame, out ClientRequest request, out string? id, out string error)
    {
        request = default;
        id = null;
        try
        {
            return TryParseObject(frame, out request, ref id, out error);
        }
        catch (JsonException)
        {
            error = "The frame is not JSON.";
        }
        catch (InvalidOperationException)
        {
            // Thrown by the reader for a string that is not valid UTF-16 once unescaped.
            error = "A string of the frame is not valid text.";
        }

        id = IsTooLong(id) ? null : id;
        return false;
    }

    private static bool TryParseObject(ReadOnlyMemory<byte> frame, out ClientRequest request, ref string? id, out string error)
    {
        request = default;
        var reader = new Utf8JsonReader(frame.Span, ReaderOptions);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            error = "The frame is not a JSON object.";
            return false;
        }

        string? op = null;
        string? room = null;
        ReadOnlyMemory<byte> data = default;
        error = "";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
            {
                id = ReadString(ref reader, "id", ref error);
            }
            else if (reader.ValueTextEquals("op"u8))
            {
                op = ReadString(ref reader, "op", ref error);
            }
            else if (reader.ValueTextEquals("room"u8))
            {
                room = ReadString(ref reader, "room", ref error);
            }
            else if (reader.ValueTextEquals("d"u8))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                var isNull = reader.TokenType == JsonTokenType.Null;
                reader.Skip();
                data = isNull ? default : frame[start..(int)reader.BytesConsumed];
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (reader.Read())
        {
            error = "The frame holds more than one value.";
        }

        if (IsTooLong(id))
        {
            id = null;
            error = $"id is longer than {ClientProtocol.MaxRequestIdLength} characters.";
        }

        if (error.Length == 0 && op is null)
        {
            error = "op is missing.";
        }

        if (error.Length > 0)
        {
            return false;
        }

        request = new ClientRequest(id, op!, room, data);
        return true;
    }

    private static bool IsTooLong(string? id) => id?.Length > ClientProtocol.MaxRequestIdLength;

    private static string? ReadString(ref Utf8JsonReader reader, string name, ref string error)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Null:
                return null;
            default:
                reader.Skip();
                error = $"{name} is not a string.";
                return null;
        }
    }
}
