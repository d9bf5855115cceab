using Replication.Actors;
using Replication.Actors.Remoting;
using Replication.Host.Logging;
using Replication.Messages.Codecs;
using Replication.ReplicaNode.Disk;
using Replication.ReplicaNode.Storage;

namespace Replication.Host.Demo;

/// <summary>
/// A storage node within this process: a system of its own that others reach over loopback only.
/// </summary>
internal sealed class DemoNode : IAsyncDisposable
{
    /// <summary>The name under which a node's storage actor is found.</summary>
    public const string StorageActorName = "storage";

    private readonly ActorSystem _system;
    private readonly Remoting _remoting;
    private readonly FileDisk _disk;

    private DemoNode(ActorSystem system, Remoting remoting, FileDisk disk)
    {
        _system = system;
        _remoting = remoting;
        _disk = disk;
    }

    /// <summary>The node's name.</summary>
    public string Name => _system.Name;

    /// <summary>Where it answers.</summary>
    public string Address => _remoting.LocalAddress;

    /// <summary>Starts a node on a folder, made if it is not there.</summary>
    /// <exception cref="IOException">The folder cannot be used, or no port can be had.</exception>
    public static DemoNode Start(string name, string folder, LogFile log)
    {
        Directory.CreateDirectory(folder);
        ActorSystem system = ActorSystem.Create(name);
        log.Attach(system);
        FileDisk disk = new(folder);
        system.ActorOf(StorageActor.Props(disk), StorageActorName);
        Remoting remoting = Remoting.Start(system, new RemotingOptions
        {
            Listen = DemoCluster.NodeListenAddress,
            Codecs = ReplicationCodecs.All,
        });
        return new DemoNode(system, remoting, disk);
    }

    /// <summary>Says goodbye to the others, ends the actors, then the disk's threads.</summary>
    public async ValueTask DisposeAsync()
    {
        await _remoting.Stop();
        await _system.Terminate();
        _disk.Dispose();
    }
}
