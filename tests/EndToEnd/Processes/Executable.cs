namespace Replication.EndToEnd.Processes;

/// <summary>The executable under test: the solution's, or the one REPLICATION_DLL names.</summary>
internal static class Executable
{
    public static string Path { get; } = Environment.GetEnvironmentVariable("REPLICATION_DLL") ?? Find();

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "Replication.sln")))
        {
            folder = System.IO.Path.GetDirectoryName(folder);
        }

        return System.IO.Path.Combine(
            folder ?? throw new InvalidOperationException("no Replication.sln above the test assembly"),
            "src/Host/bin/Release/net10.0/replication.dll");
    }
}
