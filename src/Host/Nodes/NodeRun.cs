using System.Collections;
using Replication.Actors.Logging;
using Replication.Cluster.Membership;
using Replication.Gateway.Listening;
using Replication.Host.Commands;
using Replication.Host.Configuration;
using Replication.Host.Configuration.Hocon;
using Replication.Host.Logging;
using Replication.Host.Output;
using Replication.Host.Telemetry;

namespace Replication.Host.Nodes;

/// <summary>One run of a node, from its configuration to its end.</summary>
internal sealed class NodeRun
{
    private readonly ClusterConfiguration _settings;
    private readonly NodeConfiguration _node;
    private readonly CommandOutput _output;

    private NodeRun(ClusterConfiguration settings, NodeConfiguration node, CommandOutput output)
    {
        _settings = settings;
        _node = node;
        _output = output;
    }

    /// <summary>Runs until <paramref name="cancellation"/> or a QMP client's <c>quit</c>.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ConfigurationException">The configuration is wrong.</exception>
    /// <exception cref="CommandFailedException">The node cannot be started.</exception>
    public static async Task<int> RunAsync(
        NodeOptions options, CommandOutput output, CancellationToken cancellation)
    {
        ClusterConfiguration settings = ConfigurationLoader.Load(
            options.ConfigurationPath, options.Overrides, Variables());
        if (options.Verbose)
        {
            settings = settings with { Log = settings.Log with { Level = LogLevel.Debug } };
        }

        NodeConfiguration node = Find(settings, options);
        if (options.IsCheck)
        {
            output.Out.WriteLine($"{options.ConfigurationPath} can be used");
            return ExitCode.Success;
        }

        // Until TLS comes, nodes listen on loopback addresses alone: all of them are on this machine.
        SocketCompletions.ShareCores(settings.Nodes.Length);
        using FolderLock held = FolderLock.Take(node.Data, $"give {node.Name} another folder");
        await using LogFile log = LogFile.Open(
            node.Log ?? Path.Combine(node.Data, "log"), settings.Log, options.Verbose ? output.Error : null);
        await new NodeRun(settings.ForOneProcess(), node, output).RunAsync(log, cancellation);
        output.WriteStopped();
        return ExitCode.Success;
    }

    private async Task RunAsync(LogFile log, CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using ProcessTelemetry telemetry = ProcessTelemetry.Start(_node.Name, _settings.Otlp);
        StorageHost? storage = null;
        GatewayHost? gateway = null;
        try
        {
            if ((_node.Http ?? new HttpChoice(_settings.HttpListen)).Listen is { } http)
            {
                ListenAddress opened = await Door.OpenAsync(
                    _node.Http is null ? "http.listen" : $"nodes.{_node.Name}.http",
                    () => telemetry.OpenHttpAsync(http, nextIfTaken: false));
                log.Write(_node.Name, new LogEvent(LogLevel.Info, "http", $"listens on {opened}"));
                _output.Out.WriteLine(MetricsLine.Of(opened));
            }

            if (_node.Is(NodeRole.Storage))
            {
                storage = await StorageHost.StartAsync(_node, _settings, log, telemetry);
            }

            if (_node.Is(NodeRole.Gateway))
            {
                gateway = await GatewayHost.StartAsync(_node, Directory(), _settings, log, telemetry);
                await ServeAsync(gateway, telemetry, stop);
                telemetry.SetStarted();
            }
            else
            {
                telemetry.SetStarted();
                _output.Out.WriteLine($"ready {storage!.Address}");
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to end: everything is closed in good order on the way out.
        }
        finally
        {
            await telemetry.BeginStopAsync();

            // The gateway first: it closes the replicas of its own node too.
            await (gateway?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (storage?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    /// <summary>Opens the doors, gets the volumes ready, and says so.</summary>
    private async Task ServeAsync(
        GatewayHost gateway, ProcessTelemetry telemetry, CancellationTokenSource stop)
    {
        ListenAddress nbd = Door.Open(
            "nbd.listen", () => gateway.OpenNbd(ListenAddress.Parse(_settings.NbdListen)));
        Door.Open("qmp.listen", () => gateway.OpenQmp(ListenAddress.Parse(_settings.QmpListen), stop.Cancel));
        WishedVolume wished = new(gateway.Actor, _settings.Volume, Directory().Nodes.Length);
        foreach (VolumeWish wish in _settings.Volumes)
        {
            telemetry.SetWaiting($"volume {wish.Name} has not been opened yet");
            WishWords words = new($"volumes.{wish.Name}.", "name another volume");
            ReadyVolume? ready;
            while ((ready = await wished.GetReadyAsync(wish, words, stop.Token)) is null)
            {
                _output.Fail($"volume {wish.Name} is still being opened; the log says what it waits for");
            }

            _output.Out.WriteLine($"ready {nbd.ToNbdUri(wish.Name)}");
            if (!ready.Serves)
            {
                _output.Out.WriteLine(ready.NotServing());
            }

            ready.WriteWarnings(gateway.Events, _output);
        }

        if (_settings.Volumes.Length == 0)
        {
            _output.Out.WriteLine($"ready {nbd.ToNbdUri("")}");
        }
    }

    private NodeDirectory Directory() => new(_settings.Nodes
        .Where(static node => node.Is(NodeRole.Storage))
        .Select(static node => new StorageNode(node.Name, node.Listen!)));

    private static NodeConfiguration Find(ClusterConfiguration settings, NodeOptions options)
    {
        if (settings.Nodes.FirstOrDefault(node => node.Name == options.Name) is { } found)
        {
            return found;
        }

        string[] names = [.. settings.Nodes.Select(static node => node.Name)];
        throw new ConfigurationException(
            new HoconPosition(options.ConfigurationPath, 0, 0),
            names.Length == 0
                ? $"it has no nodes: nodes {{ {options.Name} {{ ... }} }} is needed"
                : $"it has no node '{options.Name}'; its nodes are {string.Join(", ", names)}");
    }

    private static Dictionary<string, string> Variables() => Environment
        .GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .ToDictionary(
            static variable => (string)variable.Key,
            static variable => (string?)variable.Value ?? "",
            StringComparer.Ordinal);
}
