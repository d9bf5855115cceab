using System.Diagnostics;

namespace Replication.Host.Tests;

/// <summary>A program of Debian's that a test needs to have run.</summary>
internal static class Tool
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs it; anything but success fails the test with what it printed.</summary>
    public static async Task RunAsync(string program, params string[] arguments)
    {
        using Process tool = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        string said = await tool.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await tool.WaitForExitAsync().WaitAsync(Patience);
        Assert.True(tool.ExitCode == 0, said);
    }
}
