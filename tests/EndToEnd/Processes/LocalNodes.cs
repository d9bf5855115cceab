using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Replication.EndToEnd.Commands;

namespace Replication.EndToEnd.Processes;

/// <summary>
/// Separate processes by `deploy/local-nodes`, in a folder of a test. Disposing kills what runs there.
/// </summary>
internal sealed partial class LocalNodes(Scratch scratch) : IDisposable
{
    private const int SigKill = 9;
    private const int SigStop = 19;
    private const int SigCont = 18;

    private static readonly string Script = Path.Combine(Executable.Repository, "deploy", "local-nodes");

    /// <summary>The folder.</summary>
    public string Folder { get; } = scratch.File("nodes");

    /// <summary>The address of the first volume, from its line that says ready.</summary>
    public string Uri { get; private set; } = "";

    /// <summary>Starts what is not running; answers what it printed.</summary>
    public ToolResult Up(params string[] options)
    {
        var result = Run("up", options).Succeeded();
        Uri = result.Output.Split('\n')
            .First(line => line.StartsWith("ready ", StringComparison.Ordinal))["ready ".Length..];
        return result;
    }

    /// <summary>Any of its commands, to whatever end.</summary>
    public ToolResult Run(string command, params string[] options) => Tool.Run(
        "bash",
        new Dictionary<string, string>(StringComparer.Ordinal) { ["REPLICATION_DLL"] = Executable.Path },
        [Script, command, "--dir", Folder, .. options]);

    /// <summary>The process id of a node, from its file.</summary>
    public int ProcessId(string name) =>
        int.Parse(File.ReadAllText(Path.Combine(Folder, $"{name}.pid")), CultureInfo.InvariantCulture);

    /// <summary>Whether that process is there.</summary>
    public static bool Runs(int processId) => File.Exists($"/proc/{processId}/cmdline")
        && File.ReadAllBytes($"/proc/{processId}/cmdline").Length > 0;

    /// <summary>Ends a node as a crash does, and waits until it is gone.</summary>
    public void Crash(string name)
    {
        var processId = ProcessId(name);
        Assert.Equal(0, Kill(processId, SigKill));
        Eventually.True(() => !Runs(processId), () => $"{name} was killed, but is not gone");
    }

    /// <summary>Stops a node where it is; the sockets stay open.</summary>
    public void Stop(string name) => Assert.Equal(0, Kill(ProcessId(name), SigStop));

    /// <summary>Lets a stopped node go on.</summary>
    public void Continue(string name) => Assert.Equal(0, Kill(ProcessId(name), SigCont));

    /// <summary>Runs another command of the executable against the gateway.</summary>
    public ToolResult Command(params string[] arguments) =>
        DemoProcess.Replication(["--qmp", $"unix:{Path.Combine(Folder, "qmp.sock")}", .. arguments]);

    /// <summary>The one volume, as `status --json` has it.</summary>
    public JsonElement Volume()
    {
        using var document = JsonDocument.Parse(Command("status", "--json").Succeeded().Output);
        return document.RootElement[0].Clone();
    }

    /// <summary>A child of the volume by its node.</summary>
    public JsonElement Child(string node) => Volume().GetProperty("children").EnumerateArray().Single(
        child => child.GetProperty("node").GetString() == node);

    /// <summary>The data of the kept events of one kind, oldest first.</summary>
    public IReadOnlyList<JsonElement> Events(string kind) =>
        [.. EventLines.Parse(Command("events", "--json").Succeeded().Output)
            .Where(item => item.GetProperty("event").GetString() == kind)
            .Select(item => item.GetProperty("data"))];

    /// <summary>Waits until every child is recorded synced and in use.</summary>
    public void AwaitSynced() => Eventually.True(
        () => Volume().GetProperty("condition").GetString() == "healthy",
        () => Volume().GetRawText());

    /// <summary>The file of one replica.</summary>
    public string ReplicaFile(int node) =>
        Path.Combine(Folder, $"node{node}", "volumes", "demo", "data.raw");

    /// <summary>Every replica holds the same bytes.</summary>
    public void AssertIdentical(params int[] nodes)
    {
        foreach (var node in nodes.Skip(1))
        {
            Tool.Run("cmp", ReplicaFile(nodes[0]), ReplicaFile(node)).Succeeded();
        }
    }

    public void Dispose()
    {
        foreach (var file in Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.pid") : [])
        {
            var processId = ProcessId(Path.GetFileNameWithoutExtension(file));
            if (Runs(processId) && File.ReadAllText($"/proc/{processId}/cmdline").Contains(Folder))
            {
                Kill(processId, SigKill);
                Eventually.True(() => !Runs(processId), () => $"{file}: killed, but not gone");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
