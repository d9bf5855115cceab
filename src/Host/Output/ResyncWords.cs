using System.Globalization;
using System.Text.Json;
using Replication.Host.Options;

namespace Replication.Host.Output;

/// <summary>How far a resync is, as a part of a sentence.</summary>
internal static class ResyncWords
{
    /// <summary>
    /// What is done and to do, the rate and the time left, as far as they are known:
    /// <c>64MiB done, 192MiB to do, 32MiB/s, 6 s left</c>. Nothing of either is known at the beginning.
    /// </summary>
    public static string Of(JsonElement resync)
    {
        if (JsonMembers.Number(resync, "done-bytes") == 0 && JsonMembers.Number(resync, "to-do-bytes") == 0)
        {
            return "what it needs is being found out";
        }

        string words = $"{ByteSize.Rounded(JsonMembers.Number(resync, "done-bytes"))} done, "
            + $"{ByteSize.Rounded(JsonMembers.Number(resync, "to-do-bytes"))} to do";
        long rate = JsonMembers.Number(resync, "bytes-per-second");
        if (rate > 0)
        {
            words += $", {ByteSize.Rounded(rate)}/s";
        }

        return resync.TryGetProperty("seconds-left", out _)
            ? $"{words}, {Time(JsonMembers.Number(resync, "seconds-left"))} left"
            : words;
    }

    /// <summary>A time by its two largest units: <c>42 s</c>, <c>3 min 5 s</c>, <c>2 h 10 min</c>.</summary>
    private static string Time(long seconds)
    {
        (long hours, long minutes) = (seconds / 3600, seconds / 60 % 60);
        return (hours, minutes) switch
        {
            (> 0, _) => string.Create(CultureInfo.InvariantCulture, $"{hours} h {minutes} min"),
            (_, > 0) => string.Create(CultureInfo.InvariantCulture, $"{minutes} min {seconds % 60} s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{seconds} s"),
        };
    }
}
