using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Replication.EndToEnd.Commands;

namespace Replication.EndToEnd.Processes;

/// <summary>
/// One `replication demo`, started as its user would, with its output collected. Disposing kills it: a test
/// that cares how it ends stops it itself.
/// </summary>
internal sealed partial class DemoProcess : IDisposable
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);
    private const int SigInt = 2;
    private const int SigTerm = 15;

    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly List<string> _error = [];
    private readonly TaskCompletionSource<string?> _ready =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DemoProcess(string data, IEnumerable<string> arguments)
    {
        Data = data;
        _process = new Process { StartInfo = Tool.StartInfo("dotnet", null, arguments) };
        _process.OutputDataReceived += (_, line) => Take(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Take(_error, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The data folder.</summary>
    public string Data { get; }

    /// <summary>The address of the volume, from the line that says ready.</summary>
    public string Uri { get; private set; } = "";

    /// <summary>Where QMP listens: the default, in the data folder.</summary>
    public string QmpPath => Path.Combine(Data, "qmp.sock");

    /// <summary>What it has printed so far.</summary>
    public IReadOnlyList<string> Output
    {
        get
        {
            lock (_output)
            {
                return [.. _output];
            }
        }
    }

    /// <summary>Starts it and waits until it is ready; fails with all it printed otherwise.</summary>
    public static DemoProcess Start(Scratch scratch, DemoOptions? options = null)
    {
        var demo = Launch(scratch, options ?? new DemoOptions());
        try
        {
            Assert.True(demo._ready.Task.Wait(ReadyLimit), $"not ready within {ReadyLimit}\n{demo.Log}");
            demo.Uri = demo._ready.Task.Result ?? "";
            Assert.True(demo.Uri.Length > 0, $"ended before it was ready\n{demo.Log}");
            return demo;
        }
        catch
        {
            demo.Dispose();
            throw;
        }
    }

    /// <summary>Starts it where it should refuse, and gives its end.</summary>
    public static ToolResult StartAndFail(Scratch scratch, DemoOptions options)
    {
        using var demo = Launch(scratch, options);
        Assert.True(demo._process.WaitForExit(ReadyLimit), $"still running after {ReadyLimit}\n{demo.Log}");
        demo._process.WaitForExit(); // The rest of its output is taken in.
        return new ToolResult("replication demo", demo._process.ExitCode, demo.Log, "");
    }

    /// <summary>Ends it as an operator or a service manager does; answers its exit status.</summary>
    public int Terminate() => Signal(SigTerm);

    /// <summary>Ends it as Ctrl-C does.</summary>
    public int Interrupt() => Signal(SigInt);

    /// <summary>Ends it as a crash does: nothing it holds in memory survives.</summary>
    public void Crash()
    {
        _process.Kill();
        Assert.True(_process.WaitForExit(StopLimit), "killed, but not gone");
    }

    /// <summary>The file of one replica.</summary>
    public string ReplicaFile(int node) => ReplicaFile(Data, node);

    public static string ReplicaFile(string data, int node) =>
        Path.Combine(data, $"node{node}", "volumes", "demo", "data.raw");

    /// <summary>Runs another command of the executable against this process.</summary>
    public ToolResult Command(params string[] arguments) =>
        Replication(["--qmp", $"unix:{QmpPath}", .. arguments]);

    /// <summary>Runs the executable.</summary>
    public static ToolResult Replication(params string[] arguments) =>
        Tool.Run("dotnet", [Executable.Path, .. arguments]);

    /// <summary>The kept events of one kind, oldest first, as `events --json` prints them.</summary>
    public IReadOnlyList<JsonElement> Events(string kind) =>
        [.. EventLines.Parse(Command("events", "--json").Succeeded().Output)
            .Where(item => item.GetProperty("event").GetString() == kind)];

    /// <summary>The state of the replica on a node, in lower case, as `status --json` has it.</summary>
    public string ChildState(int node) => StatusReport.Of(this).ChildState($"demo-node{node}");

    public string Log
    {
        get
        {
            lock (_error)
            {
                return string.Join('\n', [.. Output, .. _error]);
            }
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Crash();
        }

        _process.Dispose();
    }

    private static DemoProcess Launch(Scratch scratch, DemoOptions options)
    {
        var data = scratch.File("data");
        return new DemoProcess(data, [
            Executable.Path, "demo", "--data", data, "--nodes", $"{options.Nodes}", "--size", options.Size,
            "--nbd", options.Nbd ?? $"unix:{scratch.File("nbd.sock")}", .. options.More]);
    }

    private int Signal(int number)
    {
        Assert.Equal(0, Kill(_process.Id, number));
        Assert.True(_process.WaitForExit(StopLimit), $"still running after signal {number}\n{Log}");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    private void Take(List<string> lines, string? line)
    {
        if (line is null)
        {
            _ready.TrySetResult(null);
            return;
        }

        lock (lines)
        {
            lines.Add(line);
        }

        if (line.StartsWith("ready ", StringComparison.Ordinal))
        {
            _ready.TrySetResult(line.Split(' ')[1]);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
