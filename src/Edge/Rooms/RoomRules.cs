using System.Globalization;
using System.Text.Json;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.Rooms;

/// <summary>Rules for a room's name and topic.</summary>
internal static class RoomRules
{
    private const int MaxName = 80;
    private const int MaxTopic = 250;
    private const int MaxCodePoints = 10;

    public static readonly string BadReason = $"The reason must have at most {MaxTopic} characters on one line.";

    private const string BadVisibility = "The visibility must be public or private.";

    private static readonly string BadName = $"The name must have 1 to {MaxName} characters on one line.";

    private static readonly string BadTopic = $"The topic must have at most {MaxTopic} characters on one line.";

    /// <summary>Messages per field; empty when the request is valid. Lengths count what a reader sees as characters.</summary>
    public static Dictionary<string, string[]> Validate(CreateRoomRequest request, out RoomVisibility visibility)
    {
        var errors = new Dictionary<string, string[]>();
        var name = request.Name?.Trim() ?? "";
        if (!IsName(name))
        {
            errors["name"] = [BadName];
        }

        if (request.Topic is { } topic && !IsTopic(topic))
        {
            errors["topic"] = [BadTopic];
        }

        visibility = request.Visibility == "private" ? RoomVisibility.Private : RoomVisibility.Public;
        if (request.Visibility is not ("public" or "private"))
        {
            errors["visibility"] = [BadVisibility];
        }

        return errors;
    }

    public static Dictionary<string, string[]> Validate(UpdateRoomRequest request)
    {
        var errors = (request.Others ?? []).Keys.ToDictionary(field => field, field => new[] { $"{field} cannot be changed." });
        if (request.Topic is { } topic ? !IsTopic(topic) : !HasOther(request))
        {
            errors["topic"] = [BadTopic];
        }

        if (request.Name is { } name && !IsName(name.Trim()))
        {
            errors["name"] = [BadName];
        }

        if (request.Visibility is not (null or "public" or "private"))
        {
            errors["visibility"] = [BadVisibility];
        }

        if (request.Picture.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null) && PictureOf(request) is null)
        {
            errors["picture"] = ["picture must be the id of a file, or null."];
        }

        return errors;
    }

    /// <summary>Null where there is to be none, or it stays.</summary>
    public static FileId? PictureOf(UpdateRoomRequest request) =>
        request.Picture.ValueKind == JsonValueKind.String && FileId.TryParse(request.Picture.GetString(), out var picture) ? picture : null;

    /// <summary>Why somebody is removed: may be empty or absent.</summary>
    public static bool IsReason(string? text) => text is null || IsTopic(text);

    private static bool HasOther(UpdateRoomRequest request) =>
        request.Name is not null || request.Visibility is not null || request.Archived is not null || request.LinkCards is not null
        || request.Picture.ValueKind != JsonValueKind.Undefined;

    private static bool IsName(string name) => name.Length > 0 && Fits(name, MaxName) && !HasControls(name);

    private static bool IsTopic(string text) => Fits(text, MaxTopic) && !HasControls(text);

    /// <summary>A character can consist of any number of code points; none in use has more than ten.</summary>
    private static bool Fits(string text, int characters) =>
        text.Length <= characters * MaxCodePoints * 2
        && text.EnumerateRunes().Count() <= characters * MaxCodePoints
        && new StringInfo(text).LengthInTextElements <= characters;

    private static bool HasControls(string text) => text.Any(char.IsControl);
}
