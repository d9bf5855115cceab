namespace Replication.EndToEnd.Processes;

/// <summary>How a command ended.</summary>
/// <param name="Command">As it was called, for messages.</param>
/// <param name="ExitCode">Its exit status.</param>
/// <param name="Output">Everything on its standard output.</param>
/// <param name="Error">Everything on its standard error.</param>
internal sealed record ToolResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>This result if the command succeeded; else fails with all it printed.</summary>
    public ToolResult Succeeded()
    {
        Assert.True(ExitCode == 0, ToString());
        return this;
    }

    public override string ToString() => $"`{Command}` ended with {ExitCode}\n{Output}\n{Error}";
}
