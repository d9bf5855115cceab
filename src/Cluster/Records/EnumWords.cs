using System.Collections.Immutable;
using System.Text.Json;

namespace Replication.Cluster.Records;

/// <summary>
/// The words that stand for an enum's values in records, QMP and on the command line: the names in lower-case
/// kebab. Any thread.
/// </summary>
public static class EnumWords<T>
    where T : struct, Enum
{
    private static readonly ImmutableArray<(T Value, string Word)> All =
        [.. Enum.GetValues<T>().Select(static value =>
            (value, JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString())))];

    /// <summary>The words, for a person who wrote none of them.</summary>
    public static string List => string.Join(", ", All.Select(static entry => entry.Word));

    /// <summary>The word of a value, which must be one of the enum's.</summary>
    public static string Of(T value) => All.First(entry => entry.Value.Equals(value)).Word;

    /// <summary>The value of a word, exactly as it is written.</summary>
    public static bool TryParse(string word, out T value)
    {
        foreach ((T candidate, string itsWord) in All)
        {
            if (itsWord == word)
            {
                value = candidate;
                return true;
            }
        }

        value = default;
        return false;
    }
}
