using System.Buffers.Text;

namespace AkkaChat.LoadTest.Protocol;

/// <summary>
/// The texts of a run's messages: <c>run.k</c> and padding up to the wanted number of bytes. A reader finds the number of the message in it,
/// and sees whether it is what was sent. ASCII without anything that JSON escapes or that looks like a link or a mention.
/// </summary>
internal sealed class Texts
{
    private static ReadOnlySpan<byte> Words => "the quick brown fox jumps over the lazy dog and "u8;

    private readonly byte[] _stamp;
    private readonly byte[] _padding;

    /// <param name="run">Unlike that of any other run that writes into the same rooms.</param>
    public Texts(string run, int bytes)
    {
        _stamp = System.Text.Encoding.ASCII.GetBytes($"load-{run}-");
        _padding = new byte[bytes];
        for (var i = 0; i < bytes; i++)
        {
            _padding[i] = Words[i % Words.Length];
        }

        // A server may trim a text: it does not end in a space, wherever it is cut.
        _padding[^1] = (byte)'.';
    }

    public int Bytes => _padding.Length;

    public void Write(int message, Span<byte> text)
    {
        _padding.CopyTo(text);
        _stamp.CopyTo(text);
        Utf8Formatter.TryFormat(message, text[_stamp.Length..], out var digits);
        text[_stamp.Length + digits] = (byte)' ';
    }

    /// <summary>False for a text that is not of this run.</summary>
    public bool TryRead(ReadOnlySpan<byte> text, out int message, out bool isIntact)
    {
        message = 0;
        isIntact = false;
        if (!text.StartsWith(_stamp) || !Utf8Parser.TryParse(text[_stamp.Length..], out message, out var digits) || message < 0)
        {
            return false;
        }

        var rest = _stamp.Length + digits;
        isIntact = text.Length == Bytes && text[rest] == ' ' && text[(rest + 1)..].SequenceEqual(_padding.AsSpan(rest + 1));
        return true;
    }
}
