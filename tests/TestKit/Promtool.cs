using System.Diagnostics;

namespace Replication.TestKit;

/// <summary><c>promtool check metrics</c>, of Debian's package prometheus.</summary>
public static class Promtool
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What it has to say of a text: nothing when all is well.</summary>
    public static async Task<string> CheckAsync(string metrics)
    {
        using Process tool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = tool.StandardOutput.ReadToEndAsync();
        Task<string> error = tool.StandardError.ReadToEndAsync();
        await tool.StandardInput.WriteAsync(metrics);
        tool.StandardInput.Close();
        await tool.WaitForExitAsync().WaitAsync(Patience);
        string said = await output + await error;
        return tool.ExitCode == 0 ? said : $"exit code {tool.ExitCode}: {said}";
    }
}
