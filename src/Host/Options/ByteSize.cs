using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Replication.Host.Options;

/// <summary>
/// Sizes as people write them: <c>1GiB</c>, <c>512M</c>, <c>1.5TiB</c>, <c>4096</c>; units are powers of
/// 1024.
/// </summary>
public static class ByteSize
{
    private static readonly (string Unit, int Shift)[] Units =
        [("EiB", 60), ("PiB", 50), ("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Reads a size; otherwise says in one sentence what is wrong and what would be right.</summary>
    public static bool TryParse(string text, out long bytes, [NotNullWhen(false)] out string? error)
    {
        bytes = 0;
        int digits = text.AsSpan().IndexOfAnyExcept(NumberCharacters);
        string number = digits < 0 ? text : text[..digits];
        string unit = digits < 0 ? "" : text[digits..];
        if (!decimal.TryParse(
            number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal amount))
        {
            error = $"'{text}' is no size: write a number and a unit, as in 1GiB, 512MiB or 4096";
            return false;
        }

        if (ShiftOf(unit) is not { } shift)
        {
            error = unit.Length == 2 && unit.EndsWith('B')
                ? $"'{text}' could mean powers of 1000 or of 1024: write {number}{unit[0]}iB for 1024, "
                    + "or plain bytes"
                : $"'{unit}' is no unit of size: KiB, MiB, GiB, TiB, PiB and EiB are, "
                    + "and K, M, G, T, P and E";
            return false;
        }

        if (amount > (decimal)long.MaxValue / (1L << shift))
        {
            error = $"'{text}' is too large: the largest size is below 8EiB";
            return false;
        }

        decimal exact = amount * (1L << shift);
        if (exact != decimal.Truncate(exact))
        {
            error = $"'{text}' is not a whole number of bytes";
            return false;
        }

        bytes = (long)exact;
        error = null;
        return true;
    }

    /// <summary>
    /// The size in the largest unit that gives a whole number, such as <c>1GiB</c>, <c>1536MiB</c> or
    /// <c>513</c>.
    /// </summary>
    public static string Format(long bytes)
    {
        foreach ((string unit, int shift) in Units)
        {
            if (bytes != 0 && bytes % (1L << shift) == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{bytes >> shift}{unit}");
            }
        }

        return bytes.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// The size in the largest unit that gives at least 1, with one decimal where it has one: for amounts
    /// that move, where <see cref="Format"/> would jump between units.
    /// </summary>
    public static string Rounded(long bytes)
    {
        foreach ((string unit, int shift) in Units)
        {
            if (bytes >= 1L << shift)
            {
                decimal amount = (decimal)bytes / (1L << shift);
                return string.Create(CultureInfo.InvariantCulture, $"{amount:0.#}{unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");
    }

    /// <summary>
    /// The same as <see cref="Format"/> for a sentence: plain numbers get the word <c>bytes</c>.
    /// </summary>
    public static string InWords(long bytes)
    {
        string size = Format(bytes);
        return char.IsAsciiDigit(size[^1]) ? $"{size} bytes" : size;
    }

    private static int? ShiftOf(string unit)
    {
        if (unit is "" or "B")
        {
            return 0;
        }

        foreach ((string name, int shift) in Units)
        {
            if (string.Equals(unit, name, StringComparison.OrdinalIgnoreCase)
                || string.Equals(unit, name[..1], StringComparison.OrdinalIgnoreCase))
            {
                return shift;
            }
        }

        return null;
    }
}
