using System.Text;
using CsCheck;

namespace AkkaChat.Messages.Tests.Client;

/// <summary>Bytes that a hostile or broken client may send.</summary>
internal static class RandomFrames
{
    private static readonly string[] Tokens =
    [
        "{", "}", "[", "]", ",", ":", "\"id\"", "\"op\"", "\"room\"", "\"d\"", "\"x\"", "\"\\ud800\"", "\"\\u0069d\"", "null", "true", "1", "-",
        "1e9", "\"", "\\", " ", "\n", "{\"id\":\"1\"", "\"id\":\"1\"", "\"op\":\"x\"", "\"d\":{}", "é", "\0",
    ];

    private static readonly string[] Good =
    [
        """{"op":"ping"}""",
        """{"id":"1","op":"message.send","room":"r_1","d":{"cid":"0190","text":"h\u00e9llo \"x\" 👋","replyTo":null,"files":[]}}""",
        """{"id":"héllo","op":"hello","d":{"resume":{"epoch":"e_1","user":553,"rooms":{"r_1":1041,"r_2":77}}}}""",
        """{"d":[[1,2.5e-3],true,false,null,"\ud83d\ude00"],"op":"x","id":"0123456789012345678901234567890123456789012345678901234567890123"}""",
        """{"id":"1","id":"2","op":"x","d":1,"d":{"id":"3"}}""",
    ];

    /// <summary>Plain bytes, and pieces of JSON in any order.</summary>
    public static readonly Gen<byte[]> Noise = Gen.OneOf(
        Gen.Byte.Array[0, 64],
        Gen.OneOf(Tokens).Array[0, 24].Select(tokens => Encoding.UTF8.GetBytes(string.Concat(tokens))));

    /// <summary>A good frame after a few bytes or stretches of it were changed, removed, doubled or put in.</summary>
    public static readonly Gen<byte[]> Damaged =
        from frame in Gen.OneOf(Good)
        from steps in Gen.Select(Gen.Int[0, 5], Gen.Int[0, 1_000], Gen.Int[0, 1_000], Gen.OneOf(Tokens), Gen.Byte).Array[0, 4]
        select steps.Aggregate(Encoding.UTF8.GetBytes(frame), (bytes, step) => Damage(bytes, step.Item1, step.Item2, step.Item3, step.Item4, step.Item5));

    private static byte[] Damage(byte[] bytes, int kind, int from, int length, string token, byte value)
    {
        var at = from % (bytes.Length + 1);
        var end = Math.Min(bytes.Length, at + (length % 16));
        return kind switch
        {
            0 => bytes[..at],
            1 => [.. bytes[..at], .. bytes[end..]],
            2 => [.. bytes[..end], .. bytes[at..]],
            3 => [.. bytes[..at], .. Encoding.UTF8.GetBytes(token), .. bytes[at..]],
            4 => [.. bytes[..at], value, .. bytes[end..]],
            _ => [.. bytes[..at], .. Encoding.UTF8.GetBytes(token), .. bytes[end..]],
        };
    }
}
