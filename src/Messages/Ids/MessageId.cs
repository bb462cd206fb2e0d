using System.Globalization;

namespace AkkaChat.Messages.Ids;

/// <summary>A message, as in <c>r_0190f2….1045</c>: its room and its <c>seq</c> in that room. Opaque to clients.</summary>
public readonly record struct MessageId(RoomId Room, long Seq)
{
    public static bool TryParse(string? value, out MessageId id)
    {
        id = default;
        var dot = value?.IndexOf('.') ?? -1;
        if (dot < 0
            || !RoomId.TryParse(value![..dot], out var room)
            || !long.TryParse(value.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
            || seq < 1)
        {
            return false;
        }

        id = new MessageId(room, seq);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Room.Value}.{Seq}");
}
