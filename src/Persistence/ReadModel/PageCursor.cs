using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>Where the next page of a list starts: after the row with this number and id. Opaque to clients.</summary>
internal sealed record PageCursor(long Number, string Id)
{
    private const int MaxLength = 200;

    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Number}|{Id}")));

    /// <returns>Null if there is none, or if this class has not created it.</returns>
    public static PageCursor? Parse(string? value)
    {
        if (string.IsNullOrEmpty(value) || value.Length > MaxLength || !Base64Url.IsValid(value))
        {
            return null;
        }

        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(value)).Split('|');
        return parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && !parts[1].Contains('\0')
            ? new PageCursor(number, parts[1])
            : null;
    }

    /// <summary>
    /// Makes a page of <paramref name="rows"/>, which has one row more than <paramref name="limit"/> if another page follows.
    /// </summary>
    public static Page<TItem> Page<TRow, TItem>(List<TRow> rows, int limit, Func<TRow, TItem> item, Func<TRow, PageCursor> cursor)
    {
        var items = rows.Take(limit).Select(item).ToList();
        return new Page<TItem>(items, rows.Count > limit ? cursor(rows[limit - 1]).ToString() : null);
    }
}
