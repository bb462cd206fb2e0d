using System.Text;
using AkkaChat.Messages.Ids;

namespace AkkaChat.Messages.Rooms;

/// <summary>
/// Upper bounds of a value's bytes in protobuf, including the tag, in a field numbered below 16. For bounding data before it is encoded.
/// </summary>
internal static class WireSize
{
    /// <summary>For any integer; a negative one takes ten bytes.</summary>
    public const int Number = 1 + 10;

    /// <summary>For the tag and length before a string, bytes or a message.</summary>
    public const int Header = 1 + 5;

    public const int Guid = Header + 16;

    public static int Of(string text) => Header + Encoding.UTF8.GetByteCount(text);

    public static int Of(UserRef user) => Header + Of(user.Id.Value) + Of(user.Username) + Of(user.DisplayName);

    public static int Of(LinkCard card) =>
        Header + Of(card.Url) + Of(card.Title) + Of(card.Description) + Of(card.Site)
        + (card.Image is { } image ? Header + Of(image.Id.Value) + Of(image.Placeholder) + (2 * Number) : 0);

    public static int Of(IReadOnlyList<MessageFile> files)
    {
        var bytes = 0;
        for (var i = 0; i < files.Count; i++)
        {
            var file = files[i];
            bytes += Header + Of(file.Id.Value) + Of(file.Name) + Of(file.Type) + Of(file.Placeholder) + (3 * Number);
        }

        return bytes;
    }

    public static int Of(IReadOnlyList<UserId> users)
    {
        var bytes = 0;
        for (var i = 0; i < users.Count; i++)
        {
            bytes += Of(users[i].Value);
        }

        return bytes;
    }
}
