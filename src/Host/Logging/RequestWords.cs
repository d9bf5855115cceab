using System.Globalization;

namespace Replication.Host.Logging;

/// <summary>The words that entries about requests have in common.</summary>
internal static class RequestWords
{
    /// <summary>The field of an entry that names the request: the same on all nodes.</summary>
    public const string Request = "request";

    /// <summary>The field of an entry that names the volume.</summary>
    public const string Volume = "volume";

    /// <summary>The field of an entry with the errno's text, or what else was wrong.</summary>
    public const string Error = "error";

    /// <summary>A range, or nothing for what has none.</summary>
    public static string Range(long offsetBytes, long lengthBytes) => lengthBytes == 0
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $" of {lengthBytes} bytes at {offsetBytes}");

    /// <summary>A time in milliseconds.</summary>
    public static string Took(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###} ms");

    /// <summary>An enum's word as it stands in a sentence.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
