using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Replication.Architecture.Sources;

namespace Replication.Architecture.Rooms;

/// <summary>The kernel knows nothing of volumes, only of actors, messages and connections.</summary>
public sealed class KernelTests
{
    /// <summary>Words of the rooms above. `Replication` is the product's name and no such word.</summary>
    private static readonly string[] ForeignWords = ["volume", "replica", "quorum", "nbd", "qmp"];

    [Fact]
    public void The_kernels_code_has_no_word_of_the_rooms_above_it() =>
        Findings.AssertNone(Repository.Files("src/Actors").SelectMany(ForeignTokens));

    [Theory]
    [InlineData("sealed class VolumeActor;", "VolumeActor")]
    [InlineData("class C { string M() => \"no such volume\"; }", "\"no such volume\"")]
    [InlineData("class C { string M(int a) => $\"replica {a}\"; }", "replica ")]
    [InlineData("namespace Replication.Actors; class C { int readQuorum; }", "readQuorum")]
    public void A_word_of_another_room_is_found(string code, string word) =>
        Assert.Equal([$"a.cs:1: {word}"], ForeignTokens(SourceFile.Parse("a.cs", code)));

    [Fact]
    public void The_products_name_and_comments_are_no_such_word() =>
        Assert.Empty(ForeignTokens(
            SourceFile.Parse("a.cs", "// as a volume would\nnamespace Replication.Actors;")));

    private static IEnumerable<string> ForeignTokens(SourceFile file) =>
        file.Tree.DescendantTokens()
            .Where(token => token.IsKind(SyntaxKind.IdentifierToken) || IsText(token))
            .Where(token => ForeignWords.Any(word => token.Text
                .Replace("Replication", "", StringComparison.OrdinalIgnoreCase)
                .Contains(word, StringComparison.OrdinalIgnoreCase)))
            .Select(token => file.At(token.Span, token.Text));

    private static bool IsText(SyntaxToken token) => token.Kind() is SyntaxKind.StringLiteralToken
        or SyntaxKind.InterpolatedStringTextToken or SyntaxKind.Utf8StringLiteralToken
        or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken;
}
