using Replication.Architecture.Sources;

namespace Replication.Architecture.Limits;

/// <summary>The scans find what they are for: a limit nothing can break would hold by itself.</summary>
public sealed class FileLimitScannerTests
{
    [Theory]
    [InlineData("class C;", 1)]
    [InlineData("class C;\n", 1)]
    [InlineData("class C;\n\n// end\n", 3)]
    public void Lines_are_counted(string code, int lines) =>
        Assert.Equal(lines, FileLimitScanner.LineCount(Snippet(code)));

    [Fact]
    public void A_line_of_111_columns_is_found_and_one_of_110_is_not()
    {
        var code = "//" + new string('a', 108) + "\n//" + new string('b', 109);

        Assert.Equal(["A.cs:2: 111 columns"], FileLimitScanner.LongLines(Snippet(code)));
    }

    [Theory]
    [InlineData("class C { void M() {", "} }")]
    [InlineData("class C { C() {", "} }")]
    [InlineData("class C { int P { get {", "} } }")]
    [InlineData("class C { int M() => F(", "); }")]
    public void A_member_of_71_lines_is_found_and_one_of_70_is_not(string before, string after)
    {
        Assert.Equal(["A.cs:1: 71 lines"], FileLimitScanner.LongMethods(Snippet(before + Lines(70) + after)));
        Assert.Empty(FileLimitScanner.LongMethods(Snippet(before + Lines(69) + after)));
    }

    [Fact]
    public void A_doc_comment_is_no_part_of_a_members_length()
    {
        var comment = string.Concat(Enumerable.Repeat("/// <summary>why</summary>\n", 20));

        Assert.Empty(FileLimitScanner.LongMethods(
            Snippet($"class C {{\n{comment}void M() {{{Lines(69)}}} }}")));
    }

    [Fact]
    public void A_region_is_found() =>
        Assert.Equal(["A.cs:1: #region"], FileLimitScanner.Regions(Snippet("#region a\n#endregion\n")));

    [Theory]
    [InlineData("// TO" + "DO: later", "TO" + "DO")]
    [InlineData("/* FIX" + "ME */", "FIX" + "ME")]
    [InlineData("/// <summary>HA" + "CK</summary>\nclass C;", "HA" + "CK")]
    public void A_note_of_unfinished_work_is_found_in_comments(string code, string word) =>
        Assert.Equal([$"A.cs:1: {word}"], FileLimitScanner.UnfinishedNotes(Snippet(code)));

    [Fact]
    public void A_note_in_a_string_or_inside_a_word_is_none() =>
        Assert.Empty(FileLimitScanner.UnfinishedNotes(
            Snippet("// hacksaw\nclass C { string s = \"TO" + "DO\"; }")));

    [Fact]
    public void A_silent_catch_is_found()
    {
        Assert.Equal(["A.cs:1: empty catch"], FileLimitScanner.SilentCatches(
            Snippet("class C { void M() { try { F(); } catch (E) { } } }")));
        Assert.Empty(FileLimitScanner.SilentCatches(
            Snippet("class C { void M() { try { F(); } catch (E) { /* closed already */ } } }")));
    }

    [Theory]
    [InlineData("src/X/A.cs", "public class A; public enum B;", "src/X/A.cs:1: public type B")]
    [InlineData("src/X/B.cs", "namespace X; public record A;", "src/X/B.cs:1: public type A")]
    [InlineData("src/X/A.cs", "public class A; public delegate void F();", "src/X/A.cs:1: public type F")]
    public void A_second_public_type_or_another_name_is_found(string path, string code, string finding) =>
        Assert.Equal([finding], FileLimitScanner.MisplacedTypes(SourceFile.Parse(path, code)));

    [Theory]
    [InlineData("A.cs", "public class A; internal class B;")]
    [InlineData("A.cs", "public class A { public enum B; }")]
    [InlineData("A.cs", "public class A; public class A<T>;")]
    [InlineData("A.Part.cs", "public partial class A;")]
    [InlineData("ReadMessages.cs", "public record A; public record B;")]
    public void Own_name_internal_nested_partial_and_message_types_are_in_place(string path, string code) =>
        Assert.Empty(FileLimitScanner.MisplacedTypes(SourceFile.Parse(path, code)));

    [Fact]
    public void Code_the_parser_does_not_understand_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => Snippet("class {"));

    private static SourceFile Snippet(string code) => SourceFile.Parse("A.cs", code);

    private static string Lines(int count) => string.Concat(Enumerable.Repeat("\n", count));
}
