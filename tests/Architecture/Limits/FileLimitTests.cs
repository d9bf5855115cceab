using Replication.Architecture.Sources;

namespace Replication.Architecture.Limits;

/// <summary>Files stay as STYLE.md has them, in src and in tests.</summary>
public sealed class FileLimitTests
{
    private static readonly IReadOnlyList<SourceFile> Files = Repository.Files("src", "tests");

    /// <summary>Files past 400 lines, each with what holds it together.</summary>
    private static readonly Dictionary<string, string> LongWithReason = new(StringComparer.Ordinal);

    [Fact]
    public void Sources_are_found() => Assert.Contains(Files, file => file.Path == "src/Host/Program.cs");

    [Fact]
    public void No_file_is_past_600_lines_nor_past_400_without_a_reason()
    {
        string[] found = [.. Files.Where(TooLong)
            .Select(file => $"{file.Path}: {FileLimitScanner.LineCount(file)} lines")];

        Findings.AssertNone(found);
    }

    [Fact]
    public void Every_reason_for_a_long_file_is_still_needed() =>
        Assert.All(LongWithReason.Keys, path => Assert.Contains(Files, file => file.Path == path
            && FileLimitScanner.LineCount(file) > FileLimitScanner.LinesWithoutReasonMax));

    [Fact]
    public void No_line_is_past_110_columns() =>
        Findings.AssertNone(Files.SelectMany(FileLimitScanner.LongLines));

    [Fact]
    public void No_method_is_past_70_lines() =>
        Findings.AssertNone(Files.SelectMany(FileLimitScanner.LongMethods));

    [Fact]
    public void No_file_has_regions() => Findings.AssertNone(Files.SelectMany(FileLimitScanner.Regions));

    [Fact]
    public void No_comment_notes_unfinished_work() =>
        Findings.AssertNone(Files.SelectMany(FileLimitScanner.UnfinishedNotes));

    [Fact]
    public void No_catch_is_silent() => Findings.AssertNone(Files.SelectMany(FileLimitScanner.SilentCatches));

    [Fact]
    public void A_file_has_one_public_type_and_its_name() =>
        Findings.AssertNone(Files.SelectMany(FileLimitScanner.MisplacedTypes));

    private static bool TooLong(SourceFile file)
    {
        var lines = FileLimitScanner.LineCount(file);
        return lines > FileLimitScanner.LinesMax
            || (lines > FileLimitScanner.LinesWithoutReasonMax && !LongWithReason.ContainsKey(file.Path));
    }
}
