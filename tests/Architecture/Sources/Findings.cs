namespace Replication.Architecture.Sources;

/// <summary>An assertion that prints every finding: xunit's own cuts a collection after five.</summary>
internal static class Findings
{
    public static void AssertNone(IEnumerable<string> findings)
    {
        string[] found = [.. findings];
        Assert.True(found.Length == 0, $"{found.Length} found:\n{string.Join('\n', found)}");
    }
}
