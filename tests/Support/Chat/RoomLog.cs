using System.Text.Json;

namespace AkkaChat.Support.Chat;

/// <summary>What a client has applied of one room: contiguous above <see cref="Base"/>, each seq once. Not safe for concurrent writers.</summary>
public sealed class RoomLog(string room, long start)
{
    private readonly List<JsonElement> _events = [];

    public string Room { get; } = room;

    /// <summary>The join or resume point: the log holds the events above it.</summary>
    public long Base { get; private set; } = start;

    /// <summary>The last seq applied.</summary>
    public long Last { get; private set; } = start;

    /// <summary>The highest seq that is known to exist; above <see cref="Last"/> there is a gap to repair.</summary>
    public long Head { get; private set; } = start;

    /// <summary>Events that came again and were ignored, as they must be.</summary>
    public int Duplicates { get; private set; }

    public int Gaps { get; private set; }

    public bool Complete => Last >= Head;

    public IReadOnlyList<JsonElement> Events
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    public void Know(long head) => Head = Math.Max(Head, head);

    /// <summary>Applies the event if it is the next one. False where it shows a gap.</summary>
    public bool Offer(JsonElement frame)
    {
        var seq = frame.GetProperty("seq").GetInt64();
        Know(seq);
        if (seq <= Last)
        {
            Duplicates++;
            return true;
        }

        if (seq > Last + 1)
        {
            Gaps++;
            return false;
        }

        lock (_events)
        {
            _events.Add(frame);
        }

        Last = seq;
        return true;
    }

    /// <summary>Starts again above <paramref name="head"/>: the server said that it will not send what lies between.</summary>
    public void Reset(long head)
    {
        lock (_events)
        {
            _events.Clear();
        }

        Base = Last = Head = head;
    }

    /// <summary>Messages applied, as (seq, cid, text).</summary>
    public IReadOnlyList<(long Seq, string? Cid, string Text)> Messages =>
        [.. Events.Where(e => e.GetProperty("ev").GetString() == "message.created").Select(e =>
        {
            var d = e.GetProperty("d");
            return (e.GetProperty("seq").GetInt64(), d.GetProperty("cid").GetString(), d.GetProperty("text").GetString()!);
        })];
}
