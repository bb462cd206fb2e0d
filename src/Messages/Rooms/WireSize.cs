using System.Text;
using AkkaChat.Messages.Ids;

namespace AkkaChat.Messages.Rooms;

/// <summary>
/// The most bytes that a value takes in protobuf, tag included, in a field numbered below 16. For what must be bounded before it is encoded.
/// </summary>
internal static class WireSize
{
    /// <summary>Of any integer; a negative one takes ten bytes.</summary>
    public const int Number = 1 + 10;

    /// <summary>Of what stands before a text, bytes or a message: the tag and the length.</summary>
    public const int Header = 1 + 5;

    public const int Guid = Header + 16;

    public static int Of(string text) => Header + Encoding.UTF8.GetByteCount(text);

    public static int Of(UserRef user) => Header + Of(user.Id.Value) + Of(user.Username) + Of(user.DisplayName);

    public static int Of(LinkCard card) => Header + Of(card.Url) + Of(card.Title) + Of(card.Description) + Of(card.Site);

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
