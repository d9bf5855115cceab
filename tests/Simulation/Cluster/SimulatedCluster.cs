using Replication.Actors;
using Replication.Actors.Logging;
using Replication.Actors.Remoting;
using Replication.Cluster;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.Messages.Codecs;
using Replication.ReplicaNode.Storage;
using Replication.Simulation.Checking;
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

    private readonly VolumeSettings _settings;
    private readonly Dictionary<string, SimulatedExport> _exports = new(StringComparer.Ordinal);
    private readonly Dictionary<string, VolumeCondition> _conditions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IActorRef> _gateways = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _addresses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _cacheLosses = new(StringComparer.Ordinal);
    private readonly RecordWatch _watch;

    internal SimulatedCluster(
        SimulatedWorld world, int storageNodeCount, VolumeModel model, VolumeSettings? settings = null)
    {
        World = world;
        Model = model;
        _settings = settings ?? new VolumeSettings();
        _watch = new RecordWatch(this, model);
        Stops = new StopWatch(this);
        Network = new SimulatedNetwork(world);
        world.Trace.MessageSeen = OnMessage;
        SeededIdSource storeRandom = world.Random("store");
        TimeSpan least = TimeSpan.FromMicroseconds(100);
        Store = new SimulatedStore(action =>
            world.After(storeRandom.NextSpan(least, StoreLatencyMax), action))
        {
            Changed = _watch.OnChanged,
        };
        for (int number = 1; number <= storageNodeCount; number++)
        {
            string name = $"node{number}";
            StorageNodes.Add(name);
            Disks.Add(name, new SimulatedDisk(world, name) { Observer = new DiskWatch(this, model, name) });
            StartStorage(name);
        }
    }

    /// <summary>
    /// A change that a gateway sent before it died has landed, or never will, after twice this.
    /// </summary>
    internal static TimeSpan StoreLatencyMax { get; } = TimeSpan.FromMilliseconds(3);

    internal static string DataPath => $"volumes/{Volume}/data.raw";

    internal static string SidecarPath => $"volumes/{Volume}/sidecar";

    internal SimulatedWorld World { get; }

    internal SimulatedNetwork Network { get; }

    internal SimulatedStore Store { get; }

    internal VolumeModel Model { get; }

    internal StopWatch Stops { get; }

    internal List<string> StorageNodes { get; } = [];

    /// <summary>Every gateway that was ever started, oldest first; the last one owns the volume.</summary>
    internal List<string> Gateways { get; } = [];

    internal SortedDictionary<string, SimulatedDisk> Disks { get; } = new(StringComparer.Ordinal);

    /// <summary>Events of all gateways, counted by type.</summary>
    internal SortedDictionary<string, int> EventCounts { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// What must never be: broken invariants seen from within a message's handling, where an exception would
    /// be the supervisor's, and actors that failed on a bug. The first one ends the run.
    /// </summary>
    internal List<string> Violations { get; } = [];

    /// <summary>Nodes that lost files of their replica, until it is in sync again.</summary>
    internal SortedSet<string> Damaged { get; } = new(StringComparer.Ordinal);

    /// <summary>Told of every event of a volume, of whichever gateway.</summary>
    internal Action<VolumeEvent>? Published { get; set; }

    /// <summary>What replicas said of themselves when they were opened, oldest first.</summary>
    internal List<ReplicaOpened> Opened { get; } = [];

    /// <summary>The record as it stands in the store; null before the volume is made.</summary>
    internal VolumeRecord? Record => _watch.Record;

    /// <summary>What the record says of the child on a node; null where it has none.</summary>
    internal ChildState? StateOf(string node) =>
        Record?.Children.FirstOrDefault(child => child.Node == node)?.State;

    /// <summary>
    /// True where children need not agree: one disk got the sector wrong by itself, or it lies in a block
    /// that the record calls bad (P22).
    /// </summary>
    internal bool IsExcused(int sector) => Model.IsRotten(sector)
        || (Record is { BadBlocks.IsEmpty: false } record
            && record.BadBlocks.Contains(Islands.BlockOf(sector)));

    /// <summary>True while the process of a node runs, even if it is paused.</summary>
    internal bool IsUp(string node) => !World.Node(node).IsCrashed;

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
        string owner = $"{name}.{node.Life}";
        VolumeSeams seams = new(
            new VolumeRecords(Store),
            storage => remoting.ActorFor(_addresses[storage], "storage"),
            owner,
            _settings);
        GatewayListener listener = new(this, name, owner);
        node.System.EventStream.Subscribe<VolumeEvent>(listener);
        node.System.EventStream.Subscribe<VolumeExported>(listener);
        node.System.EventStream.Subscribe<VolumeWithdrawn>(listener);
        node.System.EventStream.Subscribe<LogEvent>(new BugListener(this, name));
        node.OnCrash(() => CloseExport(name));
        _conditions.Remove(name);
        if (!Gateways.Contains(name))
        {
            Gateways.Add(name);
        }

        return _gateways[name] =
            node.System.ActorOf(GatewayActor.Props(seams, StorageNodes), GatewayActor.Name);
    }

    /// <summary>The process of a node is gone; what it wrote stays in its host's cache.</summary>
    internal void Kill(string node) => World.Node(node).Crash();

    /// <summary>
    /// The power of a host goes: its process, what is in the cache as the seed says file by file, and what it
    /// had sent. Where the disk lied about syncs, what may be lost by that counts as rot.
    /// </summary>
    internal void CutPower(string node)
    {
        World.Node(node).Crash();
        OnCacheLost(node);
        if (Disks.TryGetValue(node, out SimulatedDisk? disk))
        {
            disk.Crash();
            if (disk.HasLied && disk.Exists(DataPath))
            {
                AddDoubtful(disk);
            }
        }

        Network.Forget(node);
    }

    /// <summary>Power was lost, or a sync failed: what was in a node's cache may be gone.</summary>
    internal void OnCacheLost(string node) => _cacheLosses[node] = World.StepCount;

    /// <summary>True when that has happened since.</summary>
    internal bool HasLostCache(string node, long since) =>
        _cacheLosses.TryGetValue(node, out long last) && last >= since;

    /// <summary>The volume as a gateway exports it now; null while it does not.</summary>
    internal SimulatedExport? ExportOf(string gateway) =>
        _exports.TryGetValue(gateway, out SimulatedExport? export) && export.IsOpen ? export : null;

    /// <summary>How the volume is doing as its gateway said last; null before it said anything.</summary>
    internal VolumeCondition? ConditionOf(string gateway) =>
        _conditions.TryGetValue(gateway, out VolumeCondition condition) ? condition : null;

    /// <summary>The entry of a gateway, in its newest life.</summary>
    internal IActorRef EntryOf(string gateway) => _gateways[gateway];

    /// <summary>I3, for every request that was answered well.</summary>
    internal void OnSuccess(ClientRequest request)
    {
        SimulatedExport export = request.Export!;
        _watch.OnSuccess(export.Owner, request, World.StepCount);
        Stops.OnSuccess(export.Owner, request);
        if (export.HasLost)
        {
            Violations.Add(
                $"I7: unflushed writes were lost, and {export.Owner} answered a connection of before");
        }
    }

    private void OnMessage(ActorSystem system, object message)
    {
        if (message is ReplicaOpened opened)
        {
            Opened.Add(opened);
        }
    }

    private void AddDoubtful(SimulatedDisk disk)
    {
        foreach (long page in disk.DoubtfulPages(DataPath))
        {
            const int pageBytes = 4096;
            foreach ((int sector, _) in Islands.SectorsIn(page * pageBytes, pageBytes))
            {
                Model.AddRot(sector);
            }
        }
    }

    private void CloseExport(string gateway)
    {
        if (_exports.Remove(gateway, out SimulatedExport? export))
        {
            export.Close();
        }
    }

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

    private sealed class GatewayListener(SimulatedCluster cluster, string gateway, string owner) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender)
        {
            switch (message)
            {
                case VolumeExported exported when cluster.ExportOf(gateway) is null:
                    cluster._exports[gateway] =
                        new SimulatedExport(owner, exported.Volume, cluster.World.StepCount);
                    break;
                case VolumeExported:
                    // Connections that nobody closed go on.
                    break;
                case VolumeWithdrawn:
                    cluster.CloseExport(gateway);
                    break;
                case VolumeEvent happened:
                    OnEvent(happened);
                    break;
                default:
                    break;
            }
        }

        private void OnEvent(VolumeEvent happened)
        {
            cluster.Published?.Invoke(happened);
            string name = happened.GetType().Name;
            cluster.EventCounts[name] = cluster.EventCounts.GetValueOrDefault(name) + 1;
            if (happened is VolumeConditionChanged changed)
            {
                cluster._conditions[gateway] = changed.Condition;
                CheckReason(changed);
            }
            else if (happened is BlkverifyMismatch mismatch)
            {
                cluster.Stops.OnFound(owner, mismatch);
            }
            else if (happened is UnflushedWritesLost)
            {
                cluster.Model.Flushes.AddLoss(cluster.World.StepCount);
                if (cluster.ExportOf(gateway) is SimulatedExport export
                    && export.Since < cluster.World.StepCount)
                {
                    export.HasLost = true;
                }
            }
        }

        /// <summary>The condition and its reason are of the same moment.</summary>
        private void CheckReason(VolumeConditionChanged told)
        {
            bool isWell = told.Reason == VolumeHerald.WellReason;
            bool isStop = told.Reason.StartsWith("blkverify found", StringComparison.Ordinal);
            if (isWell != (told.Condition == VolumeCondition.Healthy)
                || isStop != (told.Condition == VolumeCondition.Stopped))
            {
                cluster.Violations.Add($"{owner} says that the volume is {told.Condition}: {told.Reason}");
            }
        }
    }
}
