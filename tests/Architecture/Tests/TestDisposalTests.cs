using Microsoft.CodeAnalysis.CSharp.Syntax;
using Replication.Architecture.Sources;

namespace Replication.Architecture.Tests;

/// <summary>
/// xunit 2 ends a test class by IDisposable or IAsyncLifetime; of an IAsyncDisposable it knows nothing, and
/// what such a class holds would run on beside all later tests.
/// </summary>
public sealed class TestDisposalTests
{
    [Fact]
    public void No_test_class_counts_on_an_end_that_never_comes() =>
        Findings.AssertNone(Repository.Files("tests").SelectMany(NeverEnded));

    [Theory]
    [InlineData("class T : IAsyncDisposable { [Fact] void M() { } }", 1)]
    [InlineData("class T : Base, System.IAsyncDisposable { [Theory] void M() { } }", 1)]
    [InlineData("class T : IAsyncLifetime { [Fact] void M() { } }", 0)]
    [InlineData("class Server : IAsyncDisposable { void M() { } }", 0)]
    public void They_are_told_from_what_tests_dispose_themselves(string code, int found) =>
        Assert.Equal(found, NeverEnded(SourceFile.Parse("T.cs", code)).Count());

    private static IEnumerable<string> NeverEnded(SourceFile file) =>
        from type in file.Tree.DescendantNodes().OfType<ClassDeclarationSyntax>()
        where type.BaseList?.Types.Any(static one => one.Type.ToString().EndsWith(
            "IAsyncDisposable", StringComparison.Ordinal)) == true
        where type.Members.OfType<MethodDeclarationSyntax>().Any(IsTest)
        select file.At(type.Identifier.Span, $"{type.Identifier} is an IAsyncDisposable");

    private static bool IsTest(MethodDeclarationSyntax method) => method.AttributeLists
        .SelectMany(static list => list.Attributes)
        .Any(static attribute => attribute.Name.ToString() is "Fact" or "Theory");
}
