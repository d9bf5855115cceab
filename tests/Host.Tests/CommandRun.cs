using Replication.Host.Commands;
using Replication.Host.Output;

namespace Replication.Host.Tests;

/// <summary>One command line carried out in this process, as if its output went into a pipe.</summary>
internal sealed class CommandRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new();

    private CommandRun(string[] arguments, string? input = null, bool isTerminal = false)
    {
        CommandOutput output = new(Out, Error, isTerminal)
        {
            OpenInput = () => new StringReader(input ?? ""),
            CanAsk = isTerminal,
        };
        ExitCode = Task.Run(() => ReplicationCommandLine.RunAsync(arguments, output, _stop.Token));
    }

    internal RecordingWriter Out { get; } = new();

    internal RecordingWriter Error { get; } = new();

    internal Task<int> ExitCode { get; }

    /// <summary>Starts a command that runs until it is told to stop.</summary>
    internal static CommandRun Start(params string[] arguments) => new(arguments);

    /// <summary>The same at a terminal.</summary>
    internal static CommandRun AtTerminal(params string[] arguments) => new(arguments, isTerminal: true);

    /// <summary>Runs a command to its end.</summary>
    internal static Task<(int ExitCode, string Out, string Error)> RunAsync(params string[] arguments) =>
        EndAsync(new CommandRun(arguments));

    /// <summary>The same with this on the standard input.</summary>
    internal static Task<(int ExitCode, string Out, string Error)> WithInputAsync(
        string input, params string[] arguments) => EndAsync(new CommandRun(arguments, input));

    /// <summary>The same at a terminal, where a person types this.</summary>
    internal static Task<(int ExitCode, string Out, string Error)> AtTerminalAsync(
        string typed, params string[] arguments) =>
        EndAsync(new CommandRun(arguments, typed, isTerminal: true));

    private static async Task<(int ExitCode, string Out, string Error)> EndAsync(CommandRun run)
    {
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
