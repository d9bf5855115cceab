using Replication.Actors.Logging;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Listening;
using Replication.Host.Commands;
using Replication.Host.Configuration;
using Replication.Host.Logging;
using Replication.Host.Nodes;
using Replication.Host.Output;
using Replication.Host.Telemetry;

namespace Replication.Host.Demo;

/// <summary>One run of the demo, from the claim of its folder to its end.</summary>
internal static class DemoRun
{
    /// <summary>How long a volume whose opening is settled may take to serve before that is said.</summary>
    private static readonly TimeSpan ServePatience = TimeSpan.FromSeconds(5);

    /// <summary>How often it is said again.</summary>
    private static readonly TimeSpan SayAgain = TimeSpan.FromMinutes(1);

    /// <summary>Runs until <paramref name="cancellation"/> or a QMP client's <c>quit</c>.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandFailedException">It cannot be started as asked.</exception>
    public static async Task<int> RunAsync(
        DemoOptions options, CommandOutput output, CancellationToken cancellation)
    {
        await RunToEndAsync(options, output, cancellation);
        if (!options.Json)
        {
            output.WriteStopped();
        }

        return ExitCode.Success;
    }

    private static async Task RunToEndAsync(
        DemoOptions options, CommandOutput output, CancellationToken cancellation)
    {
        using DataFolder folder = DataFolder.Claim(options.DataFolder);
        StoredVolumes stored = await StoredVolumes.ReadAsync(folder);
        int nodeCount = NodeCount(options, stored.NodeCount);
        stored.Check(options, nodeCount);
        folder.ClaimParts(nodeCount);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        ClusterConfiguration settings = new()
        {
            Log = new LogSettings { Level = options.Verbose ? LogLevel.Debug : LogLevel.Info },
            Volumes = [options.Volume],
        };
        await using LogFile log = LogFile.Open(
            Path.Combine(folder.Gateway, "log"),
            settings.Log,
            options.Verbose ? output.Error : null);
        await using ProcessTelemetry telemetry =
            ProcessTelemetry.Start(DemoCluster.GatewayName, settings.Otlp);
        ListenAddress? http = await OpenHttpAsync(options, telemetry, log);
        await using DemoCluster cluster = await DemoCluster.StartAsync(
            folder, nodeCount, settings.ForOneProcess(), log, telemetry);
        try
        {
            // In order of what they need: NBD's address is taken before time goes into the volume.
            ListenAddress nbd = Door.Open("--nbd", () => cluster.Gateway.OpenNbd(options.Nbd));
            Door.Open("--qmp", () => cluster.Gateway.OpenQmp(options.Qmp, stop.Cancel));
            await using EventPrinter printer = new(cluster.Gateway.Events, output, options.Json);
            WishedVolume wished = new(cluster.Gateway.Actor, settings.Volume, nodeCount);
            ReadyVolume volume =
                await wished.GetReadyAsync(options.Volume, DemoOptions.Words, stop.Token)
                ?? throw new CommandFailedException(
                    $"volume {options.Volume.Name} did not open within a minute; "
                        + $"{options.DataFolder}/gateway/log says what it waits for");
            telemetry.SetStarted();
            for (TimeSpan limit = ServePatience; !volume.Serves; limit = SayAgain)
            {
                volume = await wished.AwaitServingAsync(volume, limit, stop.Token);
                if (!volume.Serves)
                {
                    output.Fail(volume.NotReady());
                }
            }

            volume.WriteWarnings(cluster.Gateway.Events, output);
            Greet(volume.Status, nbd, http, options, output);
            printer.Start();
            await Task.Delay(Timeout.InfiniteTimeSpan, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to end: everything is closed in good order on the way out.
        }
        finally
        {
            await telemetry.BeginStopAsync();
        }
    }

    private static async Task<ListenAddress?> OpenHttpAsync(
        DemoOptions options, ProcessTelemetry telemetry, LogFile log)
    {
        if (options.Http.Listen is not { } address)
        {
            return null;
        }

        ListenAddress opened = await Door.OpenAsync(
            "--http", () => telemetry.OpenHttpAsync(address, options.IsHttpDefault));
        log.Write(DemoCluster.GatewayName, new LogEvent(LogLevel.Info, "http", $"listens on {opened}"));
        return opened;
    }

    /// <summary>
    /// As many nodes as asked for, never fewer than have a replica of a volume here: it would be missed.
    /// </summary>
    internal static int NodeCount(DemoOptions options, int existing)
    {
        if (existing > DemoOptions.NodesMax)
        {
            throw new CommandFailedException(
                $"{options.DataFolder} has volumes on {existing} nodes, and one process runs at most "
                    + $"{DemoOptions.NodesMax}");
        }

        if (options.NodeCount is { } asked && asked < existing)
        {
            throw new CommandFailedException(
                $"--nodes {asked} contradicts {options.DataFolder}, where volumes lie on {existing} nodes: "
                    + "leave --nodes out, or choose another --data");
        }

        return options.NodeCount ?? (existing == 0 ? DemoOptions.NodesDefault : existing);
    }

    private static void Greet(
        VolumeStatus volume,
        ListenAddress nbd,
        ListenAddress? http,
        DemoOptions options,
        CommandOutput output)
    {
        string uri = nbd.ToNbdUri(volume.Name);
        output.Out.WriteLine($"ready {uri}");
        if (options.Json)
        {
            return;
        }

        if (http is not null)
        {
            output.Out.WriteLine(MetricsLine.Of(http));
        }

        string node = volume.Children.Last(static child => child.State == ChildState.Synced).Node;
        string liar = Quoted($"{options.DataFolder}/{node}/volumes/{volume.Name}/data.raw");
        string program = Environment.GetCommandLineArgs()[0];
        output.Out.WriteLine(
            $"""

            Three things to try, from another shell:
              write     qemu-io -f raw -c 'write -P 0x5a 0 1M' '{uri}'
              lie       dd if=/dev/urandom of={liar} bs=64k count=1 conv=notrunc
                        qemu-io -f raw -c 'read -P 0x5a 0 1M' '{uri}'    # {Outcome(volume)}
              look      dotnet {Quoted(program)} status --qmp {Quoted(options.Qmp.ToString())}

            Events, as they happen:
            """);
    }

    /// <summary>What the read of the example finds when one child lies.</summary>
    private static string Outcome(VolumeStatus volume)
    {
        int threshold = volume.Options.Threshold;
        int voters = volume.Children.Count(static child => child.State == ChildState.Synced);
        if (voters == 1)
        {
            return "nobody can tell: one child votes";
        }

        if (voters == 2 && threshold == 1)
        {
            return "either may be believed: one vote against one";
        }

        return voters - 1 < threshold ? $"fails: {threshold} equal votes cannot be had"
            : volume.Options.RewriteCorrupted ? "outvoted and repaired: see below"
            : "outvoted: see below";
    }

    /// <summary>A word as a shell takes it; quotes only where they are needed.</summary>
    private static string Quoted(string word) =>
        word.All(static letter => char.IsAsciiLetterOrDigit(letter) || "/._-:[]".Contains(letter))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
