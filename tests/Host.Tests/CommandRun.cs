using Replication.Host.Commands;
using Replication.Host.Output;

namespace Replication.Host.Tests;

/// <summary>One command line carried out in this process, as if its output went into a pipe.</summary>
internal sealed class CommandRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new();

    private CommandRun(string[] arguments)
    {
        CommandOutput output = new(Out, Error, isTerminal: false);
        ExitCode = Task.Run(() => ReplicationCommandLine.RunAsync(arguments, output, _stop.Token));
    }

    internal RecordingWriter Out { get; } = new();

    internal RecordingWriter Error { get; } = new();

    internal Task<int> ExitCode { get; }

    /// <summary>Starts a command that runs until it is told to stop.</summary>
    internal static CommandRun Start(params string[] arguments) => new(arguments);

    /// <summary>Runs a command to its end.</summary>
    internal static async Task<(int ExitCode, string Out, string Error)> RunAsync(params string[] arguments)
    {
        CommandRun run = new(arguments);
        int exitCode = await run.ExitCode.WaitAsync(Patience);
        return (exitCode, run.Out.Text, run.Error.Text);
    }

    /// <summary>Does what SIGINT and SIGTERM do, and waits for the end.</summary>
    internal async Task<int> StopAsync()
    {
        await _stop.CancelAsync();
        return await ExitCode.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }
}
