using System.Diagnostics;

namespace Replication.TestKit;

/// <summary><c>promtool check</c>, of Debian's package prometheus.</summary>
public static class Promtool
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What it has to say of a text of metrics: nothing when all is well.</summary>
    public static Task<string> CheckAsync(string metrics) => CheckAsync(["check", "metrics"], metrics);

    /// <summary>The same of alerting rules, which it also counts where all is well.</summary>
    public static Task<string> CheckRulesAsync(string rules) =>
        CheckAsync(["check", "rules", "/dev/stdin"], rules);

    private static async Task<string> CheckAsync(string[] arguments, string text)
    {
        using Process tool = Process.Start(new ProcessStartInfo("promtool", arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = tool.StandardOutput.ReadToEndAsync();
        Task<string> error = tool.StandardError.ReadToEndAsync();
        await tool.StandardInput.WriteAsync(text);
        tool.StandardInput.Close();
        await tool.WaitForExitAsync().WaitAsync(Patience);
        string said = await output + await error;
        return tool.ExitCode == 0 ? said : $"exit code {tool.ExitCode}: {said}";
    }
}
