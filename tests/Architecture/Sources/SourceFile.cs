using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Replication.Architecture.Sources;

/// <summary>One C# file, parsed: the language's own parser tells comments, strings and code apart.</summary>
/// <param name="Path">Relative to the root, with forward slashes.</param>
/// <param name="Text">The file as it stands.</param>
/// <param name="Tree">Its compilation unit.</param>
internal sealed record SourceFile(string Path, SourceText Text, SyntaxNode Tree)
{
    /// <summary>Parses a file or a snippet. Throws when it is not C#: a scan of what the parser did not
    /// understand would find nothing and call it clean.</summary>
    public static SourceFile Parse(string path, string code)
    {
        var tree = CSharpSyntaxTree.ParseText(code, new CSharpParseOptions(LanguageVersion.Preview));
        var error = tree.GetDiagnostics().FirstOrDefault(found => found.Severity == DiagnosticSeverity.Error);
        if (error is not null)
        {
            throw new InvalidOperationException($"{path} does not parse: {error}");
        }

        return new SourceFile(path, tree.GetText(), tree.GetRoot());
    }

    /// <summary>`path:line: what`, the way compilers name a place.</summary>
    public string At(TextSpan span, string what) =>
        $"{Path}:{Text.Lines.GetLinePosition(span.Start).Line + 1}: {what}";
}
