namespace Replication.Architecture.Sources;

/// <summary>The working copy these tests were built from: its rooms and its source files, in ordinal
/// order.</summary>
internal static class Repository
{
    /// <summary>The folder that holds Replication.sln, found upwards from the test assembly.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every C# file under one of <paramref name="folders"/> (relative to the root), build output
    /// excepted.</summary>
    public static IReadOnlyList<SourceFile> Files(params string[] folders) =>
        [.. folders
            .SelectMany(folder => Directory.EnumerateFiles(
                Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Root, path))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal)
            .Select(path => SourceFile.Parse(path, File.ReadAllText(Path.Combine(Root, path))))];

    /// <summary>The folders under src/, one a room.</summary>
    public static IReadOnlyList<string> RoomNames() =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Order(StringComparer.Ordinal)];

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Replication.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder
            ?? throw new InvalidOperationException($"no Replication.sln above {AppContext.BaseDirectory}");
    }
}
