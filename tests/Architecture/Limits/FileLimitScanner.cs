using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Replication.Architecture.Sources;

namespace Replication.Architecture.Limits;

/// <summary>The limits of a readable file. Each scan answers what breaks one, as `path:line: what`.</summary>
internal static partial class FileLimitScanner
{
    public const int LinesMax = 600;
    public const int LinesWithoutReasonMax = 400;
    public const int ColumnsMax = 110;
    public const int MethodLinesMax = 70;

    /// <summary>Lines of a file; the empty one after the last line break is none.</summary>
    public static int LineCount(SourceFile file) =>
        file.Text.Lines.Count - (file.Text.Lines[^1].Span.IsEmpty ? 1 : 0);

    public static IEnumerable<string> LongLines(SourceFile file) =>
        from line in file.Text.Lines
        where line.Span.Length > ColumnsMax
        select file.At(line.Span, $"{line.Span.Length} columns");

    /// <summary>Methods, constructors, accessors and local functions; attributes count, doc comments do
    /// not.</summary>
    public static IEnumerable<string> LongMethods(SourceFile file) =>
        from node in file.Tree.DescendantNodes()
        where node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax
        let lines = LinesOf(file, node.Span)
        where lines > MethodLinesMax
        select file.At(node.Span, $"{lines} lines");

    public static IEnumerable<string> Regions(SourceFile file) =>
        from trivia in file.Tree.DescendantTrivia()
        where trivia.IsKind(SyntaxKind.RegionDirectiveTrivia)
        select file.At(trivia.Span, "#region");

    /// <summary>Notes of unfinished work, in comments only.</summary>
    public static IEnumerable<string> UnfinishedNotes(SourceFile file) =>
        from trivia in file.Tree.DescendantTrivia()
        where trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
            or SyntaxKind.SingleLineDocumentationCommentTrivia
            or SyntaxKind.MultiLineDocumentationCommentTrivia
        from match in UnfinishedNote().Matches(trivia.ToFullString())
        select file.At(new TextSpan(trivia.FullSpan.Start + match.Index, match.Length), match.Value);

    /// <summary>A catch that does nothing says at least why.</summary>
    public static IEnumerable<string> SilentCatches(SourceFile file) =>
        from clause in file.Tree.DescendantNodes().OfType<CatchClauseSyntax>()
        where clause.Block.Statements.Count == 0
            && !clause.Block.DescendantTrivia().Any(trivia =>
                trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia)
        select file.At(clause.Span, "empty catch");

    /// <summary>One public type a file, named after it; `X.Part.cs` holds a part of X, and the records of one
    /// protocol share its `*Messages.cs`.</summary>
    public static IEnumerable<string> MisplacedTypes(SourceFile file)
    {
        var name = Path.GetFileName(file.Path);
        var expected = name[..name.IndexOf('.', StringComparison.Ordinal)];
        return expected.EndsWith("Messages", StringComparison.Ordinal)
            ? []
            : from node in file.Tree.DescendantNodes()
              where node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax
              where node.Parent is BaseNamespaceDeclarationSyntax or CompilationUnitSyntax
              let type = (MemberDeclarationSyntax)node
              where type.Modifiers.Any(SyntaxKind.PublicKeyword) && NameOf(type) != expected
              select file.At(type.Span, $"public type {NameOf(type)}");
    }

    private static string NameOf(MemberDeclarationSyntax type) => type switch
    {
        BaseTypeDeclarationSyntax declaration => declaration.Identifier.Text,
        DelegateDeclarationSyntax declaration => declaration.Identifier.Text,
        _ => "",
    };

    private static int LinesOf(SourceFile file, TextSpan span)
    {
        var range = file.Text.Lines.GetLinePositionSpan(span);
        return range.End.Line - range.Start.Line + 1;
    }

    [GeneratedRegex(@"\b(?:TODO|FIXME|HACK|XXX|TBD)\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex UnfinishedNote();
}
