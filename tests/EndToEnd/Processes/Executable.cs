namespace Replication.EndToEnd.Processes;

/// <summary>The executable under test: the solution's, or the one REPLICATION_DLL names.</summary>
internal static class Executable
{
    /// <summary>The folder of the solution.</summary>
    public static string Repository { get; } = Find();

    public static string Path { get; } = Environment.GetEnvironmentVariable("REPLICATION_DLL")
        ?? System.IO.Path.Combine(Repository, "src/Host/bin/Release/net10.0/replication.dll");

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "Replication.sln")))
        {
            folder = System.IO.Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("no Replication.sln above the test assembly");
    }
}
