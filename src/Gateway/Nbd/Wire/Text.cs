using System.Globalization;
using System.Text;

namespace Replication.Gateway.Nbd.Wire;

/// <summary>Strings of the protocol: strict UTF-8 without NUL, and what of them may go into a log.</summary>
internal static class Text
{
    private const int PrintableMaxChars = 80;
    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes; null when the bytes are not UTF-8 or hold a NUL.</summary>
    internal static string? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return bytes.Contains((byte)0) ? null : Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>
    /// The text in quotes, on one line, without control characters and marks that turn the direction of what
    /// follows, cut if long: a client chose it.
    /// </summary>
    internal static string Printable(string text)
    {
        StringBuilder printable = new("'");
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, PrintableMaxChars)))
        {
            bool plain = char.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Surrogate);
            printable.Append(plain ? c : '?');
        }

        return printable.Append(text.Length > PrintableMaxChars ? "…'" : "'").ToString();
    }
}
