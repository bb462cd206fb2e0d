using System.Globalization;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.Rooms;

/// <summary>What a room may be called.</summary>
internal static class RoomRules
{
    private const int MaxName = 80;
    private const int MaxTopic = 250;

    /// <summary>Messages per field; empty where the request is good. Lengths count what a reader sees as characters.</summary>
    public static Dictionary<string, string[]> Validate(CreateRoomRequest request, out RoomVisibility visibility)
    {
        var errors = new Dictionary<string, string[]>();
        var name = request.Name?.Trim() ?? "";
        if (name.Length == 0 || Length(name) > MaxName || HasControls(name))
        {
            errors["name"] = [$"The name must have 1 to {MaxName} characters on one line."];
        }

        if (request.Topic is { } topic && (Length(topic) > MaxTopic || HasControls(topic)))
        {
            errors["topic"] = [$"The topic must have at most {MaxTopic} characters on one line."];
        }

        visibility = request.Visibility == "private" ? RoomVisibility.Private : RoomVisibility.Public;
        if (request.Visibility is not ("public" or "private"))
        {
            errors["visibility"] = ["The visibility must be public or private."];
        }

        return errors;
    }

    private static int Length(string text) => new StringInfo(text).LengthInTextElements;

    private static bool HasControls(string text) => text.Any(char.IsControl);
}
