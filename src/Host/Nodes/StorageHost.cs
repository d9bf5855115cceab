using Replication.Actors;
using Replication.Actors.Remoting;
using Replication.Host.Configuration;
using Replication.Host.Logging;
using Replication.Host.Telemetry;
using Replication.Messages.Codecs;
using Replication.ReplicaNode.Disk;
using Replication.ReplicaNode.Storage;

namespace Replication.Host.Nodes;

/// <summary>
/// The storage role of a node: a system of its own, which others reach at its address, and its disk.
/// </summary>
internal sealed class StorageHost : IAsyncDisposable
{
    /// <summary>The name under which a node's storage actor is found.</summary>
    public const string StorageActorName = "storage";

    private readonly ActorSystem _system;
    private readonly Remoting _remoting;
    private readonly FileDisk _disk;
    private readonly DiskThreads _threads;

    private StorageHost(ActorSystem system, Remoting remoting, FileDisk disk, DiskThreads threads)
    {
        _system = system;
        _remoting = remoting;
        _disk = disk;
        _threads = threads;
    }

    /// <summary>The node's name.</summary>
    public string Name => _system.Name;

    /// <summary>Where it answers.</summary>
    public string Address => _remoting.LocalAddress;

    /// <summary>Starts a node on a folder, made if it is not there.</summary>
    /// <param name="node">Its name, folder and address.</param>
    /// <param name="settings">The rest.</param>
    /// <param name="log">Stays its owner's.</param>
    /// <param name="telemetry">Gets its numbers; stays its owner's.</param>
    /// <exception cref="IOException">The folder cannot be used, or the address cannot be had.</exception>
    public static async Task<StorageHost> StartAsync(
        NodeConfiguration node, ClusterConfiguration settings, LogFile log, ProcessTelemetry telemetry)
    {
        Directory.CreateDirectory(node.Data);
        ActorSystem system = ActorSystem.Create(node.Name);
        log.Attach(system);
        DiskMetrics disks = new(node.Name, telemetry.Mirrors);
        ReplicaMetrics replicas = new(node.Name, system.Options.Time, telemetry.Mirrors);
        DiskThreads threads = new(settings.Storage.TransferThreads, settings.Storage.SlowThreads)
        {
            Observer = disks,
        };
        disks.Threads = threads;
        FileDisk? disk = null;
        try
        {
            disk = new FileDisk(node.Data, threads);
            ReplicaObservers observers =
                new([replicas, .. NodeObservers.OfReplicas(system, settings.Log, log, telemetry)]);
            IActorRef storage = system.ActorOf(StorageActor.Props(disk, observers), StorageActorName);
            replicas.Storage = storage;
            Remoting remoting = Listen(system, node, settings);
            telemetry.AddNumbers(disks, replicas, new QueueMetrics(system, remoting));
            telemetry.AddCheck(replicas);
            return new StorageHost(system, remoting, disk, threads);
        }
        catch
        {
            await system.Terminate();
            disk?.Dispose();
            threads.Dispose();
            throw;
        }
    }

    /// <summary>Says goodbye to the others, ends the actors, then the disk's threads.</summary>
    public async ValueTask DisposeAsync()
    {
        await _remoting.Stop();
        await _system.Terminate();
        _disk.Dispose();
        _threads.Dispose();
    }

    private static Remoting Listen(
        ActorSystem system, NodeConfiguration node, ClusterConfiguration settings)
    {
        try
        {
            return Remoting.Start(
                system, settings.Remoting with { Listen = node.Listen, Codecs = ReplicationCodecs.All });
        }
        catch (IOException refused)
        {
            throw new IOException($"nodes.{node.Name}.listen: {refused.Message}", refused);
        }
    }
}
