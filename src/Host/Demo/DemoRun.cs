using Replication.Actors.Logging;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Listening;
using Replication.Host.Commands;
using Replication.Host.Logging;
using Replication.Host.Output;

namespace Replication.Host.Demo;

/// <summary>One run of the demo, from the claim of its folder to its end.</summary>
internal static class DemoRun
{
    /// <summary>Runs until <paramref name="cancellation"/> or a QMP client's <c>quit</c>.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandFailedException">It cannot be started as asked.</exception>
    public static async Task<int> RunAsync(
        DemoOptions options, CommandOutput output, CancellationToken cancellation)
    {
        using DataFolder folder = DataFolder.Claim(options.DataFolder);
        int nodeCount = NodeCount(options, folder.ExistingNodeCount());
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using LogFile log = LogFile.Open(
            Path.Combine(folder.Gateway, "log"),
            options.Verbose ? LogLevel.Debug : LogLevel.Info,
            options.Verbose ? output.Error : null);
        await using DemoCluster cluster = await DemoCluster.StartAsync(folder, nodeCount, log);
        try
        {
            // In order of what they need: NBD's address is taken before time goes into the volume.
            ListenAddress nbd = cluster.Gateway.OpenNbd(options.Nbd);
            cluster.Gateway.OpenQmp(options.Qmp, cluster.NodeNames, stop.Cancel);
            VolumeStatus volume = await DemoVolume.GetReadyAsync(
                cluster.Gateway.Actor, options, nodeCount, stop.Token);
            await using EventPrinter printer = new(cluster.Gateway.Events, output, options.Json);
            Greet(volume, nbd, options, output);
            await Task.Delay(Timeout.InfiniteTimeSpan, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to end: everything is closed in good order on the way out.
        }

        return ExitCode.Success;
    }

    /// <summary>
    /// As many nodes as asked for, never fewer than the folder already has: their replicas would be missed.
    /// </summary>
    internal static int NodeCount(DemoOptions options, int existing)
    {
        if (existing > DemoOptions.NodesMax)
        {
            throw new CommandFailedException(
                $"{options.DataFolder} has folders of {existing} nodes, and one process runs at most "
                    + $"{DemoOptions.NodesMax}");
        }

        if (options.NodeCount is { } asked && asked < existing)
        {
            throw new CommandFailedException(
                $"--nodes {asked} contradicts {options.DataFolder}, where {existing} nodes have run: "
                    + "leave --nodes out, or choose another --data");
        }

        return options.NodeCount ?? (existing == 0 ? DemoOptions.NodesDefault : existing);
    }

    private static void Greet(
        VolumeStatus volume, ListenAddress nbd, DemoOptions options, CommandOutput output)
    {
        string uri = nbd.ToNbdUri(volume.Name);
        output.Out.WriteLine($"ready {uri}");
        if (volume.Reason is not null)
        {
            output.Error.WriteLine($"replication: {volume.Name} is not healthy: {volume.Reason}");
        }

        if (options.Json)
        {
            return;
        }

        string liar = $"{options.DataFolder}/{volume.Children[^1].Node}/volumes/{volume.Name}/data.raw";
        string program = Environment.GetCommandLineArgs()[0];
        output.Out.WriteLine(
            $"""

            Three things to try, from another shell:
              write     qemu-io -f raw -c 'write -P 0x5a 0 1M' '{uri}'
              lie       dd if=/dev/urandom of={liar} bs=64k count=1 conv=notrunc
                        qemu-io -f raw -c 'read -P 0x5a 0 1M' '{uri}'    (outvoted and repaired: see below)
              look      dotnet {program} status --qmp {options.Qmp}

            Events, as they happen:
            """);
    }
}
