using System.Security.Cryptography;
using System.Text;

namespace AkkaChat.Messages.Ids;

/// <summary>A room, as in <c>r_0190f2…</c>.</summary>
public readonly record struct RoomId(string Value)
{
    public const string Prefix = "r_";

    private const char DirectVersion = '8';
    private const int VersionDigit = 12;

    public static RoomId New(TimeProvider time) => new(OpaqueId.New(Prefix, time));

    /// <summary>
    /// The direct room of these people: always the same, so that there is one however many ask for it at once, and on which edge. It has the form
    /// of a UUIDv8, which no other room has.
    /// </summary>
    public static RoomId OfDirect(IEnumerable<UserId> members)
    {
        var names = string.Join('\n', members.Select(member => member.Value).Distinct().Order(StringComparer.Ordinal));
        var digits = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(names)).AsSpan(0, 16)).ToCharArray();
        (digits[VersionDigit], digits[VersionDigit + 4]) = (DirectVersion, 'a');
        return new RoomId(Prefix + new string(digits));
    }

    /// <summary>Whether the id is one of <see cref="OfDirect"/>.</summary>
    public bool IsDirect => Value.Length > Prefix.Length + VersionDigit && Value[Prefix.Length + VersionDigit] == DirectVersion;

    /// <summary>Parses an id given by a client; false when it is malformed.</summary>
    public static bool TryParse(string? value, out RoomId id)
    {
        id = OpaqueId.IsWellFormed(Prefix, value) ? new RoomId(value!) : default;
        return id.Value is not null;
    }

    public override string ToString() => Value;
}
