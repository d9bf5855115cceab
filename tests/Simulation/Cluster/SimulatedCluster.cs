using Replication.Actors;
using Replication.Actors.Logging;
using Replication.Actors.Remoting;
using Replication.Cluster;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages.Codecs;
using Replication.ReplicaNode.Storage;
using Replication.TestKit.Simulation;
using Replication.TestKit.Simulation.Disks;

namespace Replication.Simulation.Cluster;

/// <summary>
/// A whole cluster of the code that ships, in one simulated world: storage nodes with their disks, gateways,
/// the network between them with the real codecs, and the cluster store.
/// </summary>
internal sealed class SimulatedCluster
{
    internal const string Volume = "demo";

    private readonly SimulatedStore _store;
    private readonly Dictionary<string, IActorRef> _volumes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _addresses = new(StringComparer.Ordinal);

    internal SimulatedCluster(SimulatedWorld world, int storageNodeCount)
    {
        World = world;
        Network = new SimulatedNetwork(world);
        SeededIdSource storeRandom = world.Random("store");
        TimeSpan least = TimeSpan.FromMicroseconds(100);
        _store = new SimulatedStore(action =>
            world.After(storeRandom.NextSpan(least, TimeSpan.FromMilliseconds(3)), action));
        for (int number = 1; number <= storageNodeCount; number++)
        {
            string name = $"node{number}";
            StorageNodes.Add(name);
            Disks.Add(name, new SimulatedDisk(world, name));
            StartStorage(name);
        }
    }

    internal SimulatedWorld World { get; }

    internal SimulatedNetwork Network { get; }

    internal List<string> StorageNodes { get; } = [];

    internal SortedDictionary<string, SimulatedDisk> Disks { get; } = new(StringComparer.Ordinal);

    /// <summary>Events of all gateways, counted by type.</summary>
    internal SortedDictionary<string, int> EventCounts { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// What must never be: broken invariants seen from within a message's handling, where an exception would
    /// be the supervisor's, and actors that failed on a bug. The first one ends the run.
    /// </summary>
    internal List<string> Violations { get; } = [];

    /// <summary>The record as it stands in the store; null before the volume is made.</summary>
    internal VolumeRecord? Record
    {
        get
        {
            StoreEntry? entry =
                _store.Entries.FirstOrDefault(static entry => entry.Key == VolumeRecords.KeyOf(Volume));
            return entry is not null
                && VolumeRecordJson.TryParse(entry.Value.Span, out VolumeRecord? record, out _)
                ? record
                : null;
        }
    }

    internal static string DataPath => $"volumes/{Volume}/data.raw";

    /// <summary>
    /// Starts a storage node, or the next life of one that crashed; its disk keeps what it has.
    /// </summary>
    internal void StartStorage(string name)
    {
        SimulatedNode node = World.StartNode(name);
        SimulatedDisk disk = Disks[name];
        disk.AttachTo(node);
        Remoting remoting = StartRemoting(node);
        _addresses[name] = remoting.LocalAddress;
        node.System.EventStream.Subscribe<LogEvent>(new BugListener(this, name));
        node.System.ActorOf(StorageActor.Props(disk), "storage");
    }

    /// <summary>Starts a gateway, which takes every volume over from whoever owned it.</summary>
    internal IActorRef StartGateway(string name)
    {
        SimulatedNode node = World.StartNode(name);
        Remoting remoting = StartRemoting(node);
        VolumeSeams seams = new(
            new VolumeRecords(_store),
            storage => remoting.ActorFor(_addresses[storage], "storage"),
            $"{name}.{node.Life}",
            new VolumeSettings());
        GatewayListener listener = new(this, name);
        node.System.EventStream.Subscribe<VolumeEvent>(listener);
        node.System.EventStream.Subscribe<VolumeExported>(listener);
        node.System.EventStream.Subscribe<LogEvent>(new BugListener(this, name));
        return node.System.ActorOf(GatewayActor.Props(seams, StorageNodes), GatewayActor.Name);
    }

    /// <summary>The volume's actor on a gateway; null until that gateway has started it.</summary>
    internal IActorRef? VolumeOn(string gateway) => _volumes.GetValueOrDefault(gateway);

    private Remoting StartRemoting(SimulatedNode node) => Remoting.Start(node.System, new RemotingOptions
    {
        ClusterName = "simulated",
        Listen = $"tcp:{node.Name}:0",
        Transport = Network.For(node),
        Codecs = ReplicationCodecs.All,
    });

    /// <summary>An actor's exception is a bug, whatever its supervisor makes of it.</summary>
    private sealed class BugListener(SimulatedCluster cluster, string node) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender)
        {
            if (message is LogEvent { Level: LogLevel.Error, Cause: { } cause } entry)
            {
                cluster.Violations.Add($"{node} {entry.Source}: {entry.Message}\n{cause}");
            }
        }
    }

    private sealed class GatewayListener(SimulatedCluster cluster, string gateway) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender)
        {
            switch (message)
            {
                case VolumeExported exported:
                    cluster._volumes[gateway] = exported.Volume;
                    break;
                case VolumeEvent happened:
                    string name = happened.GetType().Name;
                    cluster.EventCounts[name] = cluster.EventCounts.GetValueOrDefault(name) + 1;
                    break;
                default:
                    break;
            }
        }
    }
}
