using System.Collections;
using System.Globalization;
using System.Text;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>Values that the rooms' specs share.</summary>
internal static class RoomFacts
{
    public static readonly RoomId Room = new("r_0190f2a4b5c67d8e9fa0b1c2d3e4f506");
    public static readonly UserRef Ana = User("ana");
    public static readonly UserRef Bo = User("bo");
    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeMilliseconds(1_750_000_000_000);

    public static UserRef User(string name) => new(new UserId("u_" + name), name, name.ToUpperInvariant());

    /// <summary>A public room with its owner, Ana.</summary>
    public static RoomState Created() => RoomState.Empty.Apply(
        RoomState.Empty.Process(new RoomProtocol.CreateRoom(Room, "room", "", RoomVisibility.Public, Ana), Start).Events);

    /// <summary>A UUIDv7 of that moment; the number tells ids of one moment apart.</summary>
    public static Guid Cid(DateTimeOffset made, long number)
    {
        var time = made.ToUnixTimeMilliseconds();
        Span<byte> bytes = stackalloc byte[16];
        for (var i = 0; i < 6; i++)
        {
            bytes[i] = (byte)(time >> (40 - (8 * i)));
        }

        bytes[6] = 0x70;
        bytes[7] = 0;
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes[8..], number);
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The value with all its parts as text: records that hold lists do not compare by value.</summary>
    public static string Printed(object? value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    private static void Append(StringBuilder text, object? value)
    {
        switch (value)
        {
            case string or null:
                text.Append('"').Append(value).Append('"');
                break;
            case DateTimeOffset time:
                text.Append(time.ToString("O", CultureInfo.InvariantCulture));
                break;
            case IEnumerable items:
                foreach (var item in items)
                {
                    Append(text.Append("\n  "), item);
                }

                break;
            case ValueType:
                text.Append(CultureInfo.InvariantCulture, $"{value}");
                break;
            default:
                text.Append(value.GetType().Name).Append('(');
                foreach (var property in value.GetType().GetProperties())
                {
                    Append(text.Append(property.Name).Append('='), property.GetValue(value));
                    text.Append(' ');
                }

                text.Append(')');
                break;
        }
    }
}
