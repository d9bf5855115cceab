namespace Replication.Host.Configuration.Settings;

/// <summary>Finds the name that somebody probably meant.</summary>
internal static class NearestName
{
    /// <summary>
    /// The same when it is near: two changes of a character, or one for each three of what was written; of a
    /// path with a section, also by its last name alone. Null when nothing is, since what is far is nothing
    /// that somebody meant.
    /// </summary>
    public static string? IfNear(string written, IEnumerable<string> known) =>
        known.Where(name => IsNear(written.TrimStart('-'), name.TrimStart('-'))
            || IsNear(Last(written), Last(name))).ToArray() is [_, ..] near
            ? Of(written, near)
            : null;

    /// <summary>The end of a sentence about an unknown name: the nearest, where one is near.</summary>
    /// <param name="written">What was written.</param>
    /// <param name="known">What there is.</param>
    /// <param name="otherwise">What is said where none is near.</param>
    public static string Hint(string written, IEnumerable<string> known, string otherwise) =>
        IfNear(written, known) is { } near ? $"'{near}' is the nearest" : otherwise;

    /// <summary>
    /// Of at least one known name the one that takes the fewest changes of a character; the first of several.
    /// </summary>
    private static string Of(string written, IEnumerable<string> known) =>
        known.MinBy(name => Math.Min(Distance(written, name), 1 + Distance(Last(written), Last(name))))!;

    private static bool IsNear(string written, string name) =>
        Distance(written, name) is var changes
            && changes <= Math.Max(2, written.Length / 3) && changes < Math.Min(written.Length, name.Length);

    /// <summary>The last name of a path: whoever has it right may have the section wrong.</summary>
    private static string Last(string path) => path[(path.LastIndexOf('.') + 1)..];

    /// <summary>Levenshtein's distance.</summary>
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int above = row[j];
                int replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }

        return row[^1];
    }
}
