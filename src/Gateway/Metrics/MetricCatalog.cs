using static Replication.Gateway.Metrics.MetricKind;

namespace Replication.Gateway.Metrics;

/// <summary>
/// Every metric there is, those of storage nodes too; docs/metrics.md has the same list for people. Labels
/// have a bounded number of values each: volumes, children, nodes, and words of this code.
/// </summary>
public static class MetricCatalog
{
    /// <summary>Requests of clients and of the owner.</summary>
    public static readonly MetricDescriptor Requests = new(
        "replication_requests_total",
        Counter,
        "Requests of a volume that have ended, by kind and result.",
        ["volume", "kind", "result"]);

    /// <summary>Their bytes.</summary>
    public static readonly MetricDescriptor RequestBytes = new(
        "replication_request_bytes_total",
        Counter,
        "Bytes that the requests asked for which succeeded.",
        ["volume", "kind"]);

    /// <summary>How long their askers waited.</summary>
    public static readonly MetricDescriptor RequestDuration = new(
        "replication_request_duration_seconds",
        Histogram,
        "From the arrival of a request at its volume to its answer.",
        ["volume", "kind"]);

    /// <summary>How long they waited before anything was done.</summary>
    public static readonly MetricDescriptor RequestWait = new(
        "replication_request_wait_seconds",
        Histogram,
        "From the arrival of a request until children were asked: locks, reconciles, changes of the record.",
        ["volume"]);

    /// <summary>Requests that run.</summary>
    public static readonly MetricDescriptor RequestsRunning = new(
        "replication_requests_running",
        Gauge,
        "Requests of a volume that children work on now.",
        ["volume"]);

    /// <summary>Requests that wait.</summary>
    public static readonly MetricDescriptor RequestsWaiting = new(
        "replication_requests_waiting",
        Gauge,
        "Requests of a volume that wait for a lock, a reconcile, room for hot marks, or the volume.",
        ["volume"]);

    /// <summary>Those of the waiting ones that wait for a lock.</summary>
    public static readonly MetricDescriptor LockWaiters = new(
        "replication_requests_waiting_for_lock",
        Gauge,
        "Of the requests that wait, those that wait for another one on the same range.",
        ["volume"]);

    /// <summary>How a volume is doing.</summary>
    public static readonly MetricDescriptor VolumeCondition = new(
        "replication_volume_condition",
        Gauge,
        "1 for the condition that the volume is in, 0 for the others.",
        ["volume", "condition"]);

    /// <summary>Whether a volume answers.</summary>
    public static readonly MetricDescriptor VolumeAnswers = new(
        "replication_volume_answers",
        Gauge,
        "1 while the volume's actor answers within a second; at 0 its other gauges are absent.",
        ["volume"]);

    /// <summary>A volume's size.</summary>
    public static readonly MetricDescriptor VolumeSize = new(
        "replication_volume_size_bytes", Gauge, "The size of the volume.", ["volume"]);

    /// <summary>A volume's threshold.</summary>
    public static readonly MetricDescriptor VolumeThreshold = new(
        "replication_volume_threshold",
        Gauge,
        "Equal votes that win a read, and children in sync that the volume needs to go on.",
        ["volume"]);

    /// <summary>The owner's epoch.</summary>
    public static readonly MetricDescriptor VolumeEpoch = new(
        "replication_volume_epoch",
        Gauge,
        "The owner's epoch: it rises with each start of the gateway and each takeover.",
        ["volume"]);

    /// <summary>Bytes in which children may differ.</summary>
    public static readonly MetricDescriptor VolumeUnreconciled = new(
        "replication_volume_unreconciled_bytes",
        Gauge,
        "Bytes in which children may differ and whose reads wait for that to be settled.",
        ["volume"]);

    /// <summary>Bytes that nobody can read.</summary>
    public static readonly MetricDescriptor VolumeBad = new(
        "replication_volume_bad_bytes",
        Gauge,
        "Bytes of blocks whose copies differ without a winner: reads of them fail until they are written.",
        ["volume"]);

    /// <summary>A child's recorded state.</summary>
    public static readonly MetricDescriptor ChildState = new(
        "replication_child_state",
        Gauge,
        "1 for the state that the child is recorded in, 0 for the others.",
        ["volume", "child", "node", "state"]);

    /// <summary>Whether a child can be talked to.</summary>
    public static readonly MetricDescriptor ChildOpen = new(
        "replication_child_open",
        Gauge,
        "1 while the gateway has the child open, 0 while it cannot be reached or has refused.",
        ["volume", "child", "node"]);

    /// <summary>Lies.</summary>
    public static readonly MetricDescriptor VotesLost = new(
        "replication_child_votes_lost_total",
        Counter,
        "Reads on which the child was outvoted: its data differed from what won.",
        ["volume", "child", "node"]);

    /// <summary>What was done about them.</summary>
    public static readonly MetricDescriptor Repairs = new(
        "replication_child_repairs_total",
        Counter,
        "Ranges on the child that were rewritten with what won a vote.",
        ["volume", "child", "node"]);

    /// <summary>Failed requests by child.</summary>
    public static readonly MetricDescriptor ChildErrors = new(
        "replication_child_errors_total",
        Counter,
        "Requests that the child failed or did not answer in time.",
        ["volume", "child", "node", "operation"]);

    /// <summary>How far a resync is.</summary>
    public static readonly MetricDescriptor ResyncDone = new(
        "replication_resync_done_bytes",
        Gauge,
        "Bytes that the resync under way has copied or found equal; absent while none runs.",
        ["volume", "child", "node"]);

    /// <summary>What is left of it.</summary>
    public static readonly MetricDescriptor ResyncRemaining = new(
        "replication_resync_remaining_bytes",
        Gauge,
        "Bytes that the resync under way still has to look at, as far as known.",
        ["volume", "child", "node"]);

    /// <summary>What it had to write.</summary>
    public static readonly MetricDescriptor ResyncCopied = new(
        "replication_resync_copied_bytes",
        Gauge,
        "Of the bytes that are done, those that had to be written.",
        ["volume", "child", "node"]);

    /// <summary>How fast it is.</summary>
    public static readonly MetricDescriptor ResyncRate = new(
        "replication_resync_bytes_per_second",
        Gauge,
        "Bytes a second that the resync got done over the last few seconds.",
        ["volume", "child", "node"]);

    /// <summary>Changes of the store.</summary>
    public static readonly MetricDescriptor StoreWrites = new(
        "replication_store_writes_total",
        Counter,
        "Changes that were asked of the store of the volumes' records, by result.",
        ["result"]);

    /// <summary>How long they took.</summary>
    public static readonly MetricDescriptor StoreWriteDuration = new(
        "replication_store_write_duration_seconds",
        Histogram,
        "From the asking for a change of the store until it was durable, refused or failed.",
        []);

    /// <summary>Whether the store answers.</summary>
    public static readonly MetricDescriptor StoreUp = new(
        "replication_store_up", Gauge, "1 while the store of the volumes' records answers reads.", []);

    /// <summary>NBD clients.</summary>
    public static readonly MetricDescriptor NbdConnections = new(
        "replication_nbd_connections", Gauge, "NBD clients connected now, in their handshake too.", []);

    /// <summary>NBD clients since the start.</summary>
    public static readonly MetricDescriptor NbdAccepted = new(
        "replication_nbd_connections_accepted_total", Counter, "NBD clients that were let in.", []);

    /// <summary>NBD clients that were turned away.</summary>
    public static readonly MetricDescriptor NbdRefused = new(
        "replication_nbd_connections_refused_total",
        Counter,
        "NBD clients that were closed at once because too many were connected.",
        []);

    /// <summary>NBD requests between reading and answering.</summary>
    public static readonly MetricDescriptor NbdInFlight = new(
        "replication_nbd_requests_in_flight",
        Gauge,
        "NBD requests that were read and whose answers are not sent yet.",
        []);

    /// <summary>The memory they take.</summary>
    public static readonly MetricDescriptor NbdInFlightBytes = new(
        "replication_nbd_in_flight_bytes", Gauge, "Bytes of data that those requests hold.", []);

    /// <summary>The bound of that memory.</summary>
    public static readonly MetricDescriptor NbdInFlightMax = new(
        "replication_nbd_in_flight_max_bytes",
        Gauge,
        "Bytes that NBD requests may hold together, their upkeep included; past it they are not read.",
        []);

    /// <summary>Connections that wait for memory.</summary>
    public static readonly MetricDescriptor NbdWaiting = new(
        "replication_nbd_connections_waiting",
        Gauge,
        "NBD connections that are not read from until there is room for their next request.",
        []);

    /// <summary>NBD requests by command.</summary>
    public static readonly MetricDescriptor NbdRequests = new(
        "replication_nbd_requests_total",
        Counter,
        "NBD requests that were taken in, by command.",
        ["command"]);

    /// <summary>Users of exports.</summary>
    public static readonly MetricDescriptor ExportUsers = new(
        "replication_nbd_export_connections",
        Gauge,
        "NBD clients that use the export now.",
        ["export"]);

    /// <summary>Events.</summary>
    public static readonly MetricDescriptor Events = new(
        "replication_events_total", Counter, "Events of volumes, by name.", ["event"]);

    /// <summary>What replicas were asked.</summary>
    public static readonly MetricDescriptor ReplicaRequests = new(
        "replication_replica_requests_total",
        Counter,
        "Requests that a storage node's replica has answered, by operation and result.",
        ["node", "volume", "operation", "result"]);

    /// <summary>Its bytes.</summary>
    public static readonly MetricDescriptor ReplicaBytes = new(
        "replication_replica_request_bytes_total",
        Counter,
        "Bytes that the replica's requests asked for which succeeded.",
        ["node", "volume", "operation"]);

    /// <summary>How long they took.</summary>
    public static readonly MetricDescriptor ReplicaDuration = new(
        "replication_replica_request_duration_seconds",
        Histogram,
        "From the arrival of a request at the replica to its answer.",
        ["node", "volume", "operation"]);

    /// <summary>Hot zones.</summary>
    public static readonly MetricDescriptor HotZones = new(
        "replication_replica_hot_zones",
        Gauge,
        "Zones of 4 MiB whose marks say that writes to them may not be durable yet.",
        ["node", "volume"]);

    /// <summary>Requests in a replica.</summary>
    public static readonly MetricDescriptor ReplicaRunning = new(
        "replication_replica_requests_running",
        Gauge,
        "Requests that the replica works on now.",
        ["node", "volume"]);

    /// <summary>Requests before a replica.</summary>
    public static readonly MetricDescriptor ReplicaWaiting = new(
        "replication_replica_requests_waiting",
        Gauge,
        "Requests that wait until the replica has room for them.",
        ["node", "volume"]);

    /// <summary>Disk operations.</summary>
    public static readonly MetricDescriptor DiskOperations = new(
        "replication_disk_operations_total",
        Counter,
        "Operations on files of replicas, by kind and result.",
        ["node", "kind", "result"]);

    /// <summary>Their bytes.</summary>
    public static readonly MetricDescriptor DiskBytes = new(
        "replication_disk_bytes_total",
        Counter,
        "Bytes of the operations that succeeded; of syncs none.",
        ["node", "kind"]);

    /// <summary>How long they took.</summary>
    public static readonly MetricDescriptor DiskDuration = new(
        "replication_disk_operation_duration_seconds",
        Histogram,
        "From the handing over of an operation to the disk's threads until it was done.",
        ["node", "kind"]);

    /// <summary>The disk's queues.</summary>
    public static readonly MetricDescriptor DiskQueue = new(
        "replication_disk_queue_length",
        Gauge,
        "Operations that wait for a thread of the disk: transfers, or what may take long.",
        ["node", "lane"]);

    /// <summary>The actors' queues.</summary>
    public static readonly MetricDescriptor MailboxLength = new(
        "replication_mailbox_length",
        Gauge,
        "Messages that wait for an actor: gateway, volume, storage or replica, the volume's or not.",
        ["node", "actor", "volume"]);

    /// <summary>The links' queues.</summary>
    public static readonly MetricDescriptor LinkQueuedFrames = new(
        "replication_link_queued_frames",
        Gauge,
        "Frames that wait to be sent to the peer: a node, or its address before it has said its name.",
        ["node", "peer"]);

    /// <summary>Their bytes.</summary>
    public static readonly MetricDescriptor LinkQueuedBytes = new(
        "replication_link_queued_bytes",
        Gauge,
        "What those frames count for in the bound of the link's queues: payloads, and 512 for each.",
        ["node", "peer"]);

    /// <summary>What this process is.</summary>
    public static readonly MetricDescriptor BuildInfo = new(
        "replication_build_info", Gauge, "1, with the version and what the process is.", ["version", "node"]);

    /// <summary>Numbers that could not be had.</summary>
    public static readonly MetricDescriptor CollectFailures = new(
        "replication_collect_failures_total",
        Counter,
        "Looks at a part of the process that failed or took too long: its numbers were left out.",
        ["source"]);

    /// <summary>All of them, those of the process too.</summary>
    public static IEnumerable<MetricDescriptor> All { get; } =
    [
        .. typeof(MetricCatalog).GetFields().Concat(typeof(ProcessMetricCatalog).GetFields())
            .Where(static field => field.FieldType == typeof(MetricDescriptor))
            .Select(static field => (MetricDescriptor)field.GetValue(null)!),
    ];
}
