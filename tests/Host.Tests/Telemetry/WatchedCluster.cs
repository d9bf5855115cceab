using System.Text.Json;

namespace Replication.Host.Tests.Telemetry;

/// <summary>
/// A gateway and three storage nodes in this process, each with its own doors as if it were one of its own,
/// with resyncs that are slow enough to be seen.
/// </summary>
internal sealed class WatchedCluster : IAsyncDisposable
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, CommandRun> _running = new(StringComparer.Ordinal);
    private readonly string _file;
    private readonly HttpClient _http = new() { Timeout = Patience };

    /// <param name="more">Further settings.</param>
    internal WatchedCluster(string more = "")
    {
        _file = _folder.File("c.hocon");
        File.WriteAllText(
            _file,
            $$"""
            replication {
              nodes {
                n1 { listen = "unix:n1.sock", http = "127.0.0.1:0" }
                n2 { listen = "unix:n2.sock", http = "127.0.0.1:0" }
                n3 { listen = "unix:n3.sock", http = "127.0.0.1:0" }
                gate { roles = [gateway], http = "127.0.0.1:0" }
              }
              nbd.listen = "unix:nbd.sock", qmp.listen = "unix:qmp.sock"
              gateway.resync-rate-max = 4 MiB
              volumes { vm { size = 64 MiB, threshold = 2 } }
              {{more}}
            }
            """);
    }

    /// <summary>Starts nodes; a gateway comes last, and is waited for.</summary>
    internal async Task StartAsync(params string[] names)
    {
        foreach (string name in names)
        {
            CommandRun run = CommandRun.Start("node", "--config", _file, "--name", name);
            _running.Add(name, run);
            await run.Out.LineAsync(static line => line.StartsWith("ready ", Ordinal));
        }
    }

    /// <summary>Stops one; its last traces are sent by then.</summary>
    internal async Task StopAsync(string name)
    {
        _running.Remove(name, out CommandRun? run);
        Assert.Equal(0, await run!.StopAsync());
        await run.DisposeAsync();
    }

    /// <summary>A command line against the gateway.</summary>
    internal async Task<string> CommandAsync(params string[] arguments)
    {
        (int exitCode, string output, string said) =
            await CommandRun.RunAsync(["--qmp", $"unix:{_folder.File("qmp.sock")}", .. arguments]);
        Assert.True(exitCode == 0, said);
        return output;
    }

    /// <summary>Has qemu-io do something to a volume.</summary>
    internal Task QemuIoAsync(string volume, params string[] commands) => Tool.RunAsync(
        "qemu-io",
        [
            "-f", "raw", "-d", "unmap", .. commands.SelectMany(static command => new[] { "-c", command }),
            $"nbd+unix:///{volume}?socket={_folder.File("nbd.sock")}",
        ]);

    /// <summary>
    /// Zeroes the first bytes of a replica behind the service's back. By another program, which asks for no
    /// lock.
    /// </summary>
    internal Task CorruptAsync(string node, string volume)
    {
        string file = _folder.File($"{node}/volumes/{volume}/data.raw");
        return Tool.RunAsync("dd", "if=/dev/zero", $"of={file}", "bs=4k", "count=1", "conv=notrunc");
    }

    /// <summary>Does something again and again until the condition of a volume is healthy.</summary>
    internal async Task UntilHealthyAsync(string volume, Func<Task> meanwhile)
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            using JsonDocument status = JsonDocument.Parse(await CommandAsync("status", volume, "--json"));
            if (status.RootElement[0].GetProperty("condition").GetString() == "healthy")
            {
                return;
            }

            await meanwhile();
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>What a node's /metrics says now.</summary>
    internal async Task<string> MetricsAsync(string node)
    {
        const string Listens = "http: listens on ";
        await using FileStream log = new(
            _folder.File($"{node}/log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(log);
        string text = await reader.ReadToEndAsync();
        string address = text[(text.LastIndexOf(Listens, Ordinal) + Listens.Length)..].Split('\n')[0];
        return await _http.GetStringAsync($"http://{address}/metrics");
    }

    public async ValueTask DisposeAsync()
    {
        // The gateway closes its volumes while there are replicas to tell.
        foreach (string name in _running.Keys.OrderBy(static name => name, StringComparer.Ordinal).ToArray())
        {
            await StopAsync(name);
        }

        _http.Dispose();
        _folder.Dispose();
    }
}
