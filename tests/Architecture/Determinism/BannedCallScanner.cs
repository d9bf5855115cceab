using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Replication.Architecture.Sources;

namespace Replication.Architecture.Determinism;

/// <summary>
/// Finds what would escape a seeded scheduler (DESIGN.md section 6) by the syntax alone: `Type.Member` at the
/// end of any qualified name, types that are named or created, lock statements, async methods of actors.
/// </summary>
internal static class BannedCallScanner
{
    /// <summary>Members that bring time, chance or a thread of their own. `Type.*` is every member.</summary>
    private static readonly HashSet<string> Members = new(StringComparer.Ordinal)
    {
        "Task.Run", "Task.Delay", "Task.Factory", "Task.Yield", "Parallel.*", "ThreadPool.*", "Thread.*",
        "Monitor.*",
        "DateTime.UtcNow", "DateTime.Now", "DateTime.Today", "DateTimeOffset.UtcNow", "DateTimeOffset.Now",
        "TimeProvider.System", "Stopwatch.*", "Environment.TickCount", "Environment.TickCount64",
        "Guid.NewGuid", "Guid.CreateVersion7", "Random.Shared", "RandomNumberGenerator.*",
    };

    /// <summary>Types that no declaration, parameter or creation may name.</summary>
    private static readonly HashSet<string> Types = new(StringComparer.Ordinal)
    {
        "Thread", "Stopwatch", "PeriodicTimer",
    };

    /// <summary>Types whose creation is banned; as a base or an argument they are welcome.</summary>
    private static readonly HashSet<string> Creations = new(StringComparer.Ordinal) { "Random", "Timer" };

    /// <summary>Every place of <paramref name="file"/> that is banned, as `path:line: what`, in its
    /// order.</summary>
    public static IEnumerable<string> Scan(SourceFile file) =>
        from node in file.Tree.DescendantNodes()
        let what = Banned(node)
        where what is not null
        select file.At(node.Span, what);

    private static string? Banned(SyntaxNode node) => node switch
    {
        MemberAccessExpressionSyntax access => BannedMember(RightmostName(access.Expression), access.Name),
        IdentifierNameSyntax name when Types.Contains(name.Identifier.Text) && IsType(name) =>
            name.Identifier.Text,
        ObjectCreationExpressionSyntax creation when Creations.Contains(RightmostName(creation.Type)) =>
            $"new {RightmostName(creation.Type)}",
        ImplicitObjectCreationExpressionSyntax creation when Creations.Contains(DeclaredType(creation)) =>
            $"new {DeclaredType(creation)}",
        LockStatementSyntax => "lock",
        MethodDeclarationSyntax method when IsAsync(method.Modifiers) && IsInActor(node) =>
            $"async {method.Identifier.Text}",
        LocalFunctionStatementSyntax function when IsAsync(function.Modifiers) && IsInActor(node) =>
            $"async {function.Identifier.Text}",
        AnonymousFunctionExpressionSyntax function when IsAsync(function.Modifiers) && IsInActor(node) =>
            "async lambda",
        _ => null,
    };

    private static string? BannedMember(string type, SimpleNameSyntax member)
    {
        var full = $"{type}.{member.Identifier.Text}";
        return Members.Contains(full) || Members.Contains($"{type}.*") ? full : null;
    }

    /// <summary>A name in the place of a type; `x.Thread` and `Thread.Sleep` are judged as members.</summary>
    private static bool IsType(IdentifierNameSyntax name) => name.Parent switch
    {
        MemberAccessExpressionSyntax => false,
        QualifiedNameSyntax qualified =>
            qualified.Right == name && qualified.Parent is not UsingDirectiveSyntax,
        VariableDeclarationSyntax declaration => declaration.Type == name,
        ParameterSyntax parameter => parameter.Type == name,
        ObjectCreationExpressionSyntax creation => creation.Type == name,
        MethodDeclarationSyntax method => method.ReturnType == name,
        PropertyDeclarationSyntax property => property.Type == name,
        NullableTypeSyntax or ArrayTypeSyntax or TypeArgumentListSyntax => true,
        _ => false,
    };

    private static string RightmostName(SyntaxNode node) => node switch
    {
        SimpleNameSyntax name => name.Identifier.Text,
        QualifiedNameSyntax name => name.Right.Identifier.Text,
        AliasQualifiedNameSyntax name => name.Name.Identifier.Text,
        MemberAccessExpressionSyntax access => access.Name.Identifier.Text,
        _ => "",
    };

    /// <summary>The type in `Type name = new(…)`; "" where it stands elsewhere.</summary>
    private static string DeclaredType(ImplicitObjectCreationExpressionSyntax creation) =>
        creation.Parent?.Parent switch
        {
            VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax declaration } =>
                RightmostName(declaration.Type),
            PropertyDeclarationSyntax property => RightmostName(property.Type),
            _ => creation.Parent is PropertyDeclarationSyntax direct ? RightmostName(direct.Type) : "",
        };

    private static bool IsAsync(SyntaxTokenList modifiers) => modifiers.Any(SyntaxKind.AsyncKeyword);

    /// <summary>An actor is a class whose name, or whose base's name, ends with Actor or Coordinator: so they
    /// are named in every room.</summary>
    private static bool IsInActor(SyntaxNode node) =>
        node.Ancestors().OfType<ClassDeclarationSyntax>().Any(type => IsActorName(type.Identifier.Text)
            || (type.BaseList?.Types.Any(@base => IsActorName(RightmostName(@base.Type))) ?? false));

    private static bool IsActorName(string name) =>
        name.EndsWith("Actor", StringComparison.Ordinal)
        || name.EndsWith("Coordinator", StringComparison.Ordinal);
}
