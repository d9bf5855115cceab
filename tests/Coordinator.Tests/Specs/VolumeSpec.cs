using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Actors.Buffers;
using Replication.Actors.Events;
using Replication.Actors.Logging;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.TestKit;
using Replication.TestKit.Simulation;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>
/// One volume actor among stand-ins: replicas, store and clients. When a spec ends, every request must have
/// had exactly one answer, every payload must have been released exactly once, no actor may have failed, and
/// every change of the condition must have had a reason of its own.
/// </summary>
public abstract class VolumeSpec : TestKitBase, IDisposable
{
    private protected const int SizeBytes = 1 << 20;
    private protected const int Block = 4096;
    private protected const string VolumeName = "demo";

    private readonly List<ClientReply> _clients = [];
    private readonly List<VolumeConditionChanged> _conditions = [];
    private readonly Queue<Action> _storeSteps = new();
    private bool _isStoreHeld;
    private int _starts;

    protected VolumeSpec()
    {
        Store = new SimulatedStore(Schedule);
        Sys.EventStream.Subscribe<VolumeEvent>(new Listener<VolumeEvent>(Events.Add));
        Sys.EventStream.Subscribe<VolumeConditionChanged>(
            new Listener<VolumeConditionChanged>(_conditions.Add));
        Sys.EventStream.Subscribe<DeadLetter>(new Listener<DeadLetter>(OnDeadLetter));
        Sys.EventStream.Subscribe<LogEvent>(new Listener<LogEvent>(OnLog));
    }

    private protected SimulatedStore Store { get; }

    private protected BufferLedger Buffers { get; } = new();

    private protected List<VolumeEvent> Events { get; } = [];

    /// <summary>What an observer of the volume's requests was told.</summary>
    private protected RequestReports Reports { get; } = new();

    /// <summary>Failures of actors that a spec brings about on purpose; others fail the spec.</summary>
    private protected List<string> ActorFailures { get; } = [];

    private protected ReplicaStandIn[] Nodes { get; private set; } = [];

    private protected IActorRef Volume { get; set; } = null!;

    private protected VolumeSettings Settings { get; set; } = new();

    /// <summary>What the record says; the stand-ins keep the first MiB.</summary>
    private protected long VolumeSizeBytes { get; set; } = SizeBytes;

    /// <summary>Bad blocks that the record has from the start on.</summary>
    private protected IEnumerable<long> BadBlocksBefore { get; set; } = [];

    private protected VolumeOptions Options { get; set; } =
        new() { Threshold = 2, RewriteCorrupted = true };

    /// <summary>What the store holds of the volume, past all scheduling.</summary>
    private protected VolumeRecord Recorded
    {
        get
        {
            Assert.True(VolumeRecordJson.TryParse(
                Store.Entries.Single().Value.Span, out VolumeRecord? record, out string? error), error);
            return record;
        }
    }

    private protected ChildState[] RecordedStates =>
        [.. Recorded.Children.Select(static child => child.State)];

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        if (Volume is null)
        {
            return;
        }

        ReleaseStore();
        Advance(TimeSpan.FromSeconds(30));
        foreach (ReplicaStandIn node in Nodes)
        {
            node.ReleaseKept();
        }

        Shutdown();
        foreach (ClientReply client in _clients)
        {
            Assert.True(client.Replies.Count == 1, $"{client.Replies.Count} answers to {client.Request}");
        }

        Assert.All(_conditions, AssertOfOneMoment);
        Assert.Equal(0, Buffers.HeldCount);
        Assert.Empty(ActorFailures);
    }

    /// <summary>Makes the record and the stand-ins, and starts the volume; nothing has run yet.</summary>
    private protected void Start(int count = 3, Action<ReplicaStandIn[]>? arrange = null)
    {
        MakeNodes(count);
        arrange?.Invoke(Nodes);
        VolumeRecords records = new(Store);
        ChildPlacement[] placements = [.. Enumerable.Range(1, count).Select(number =>
            new ChildPlacement($"node{number}", new Guid(number, 0, 0, new byte[8])))];
        RecordChange change = VolumeRecord.Create(
            VolumeName, new Guid(99, 0, 0, new byte[8]), VolumeSizeBytes, Options, placements);
        VolumeRecord record = Assert.IsType<RecordChange.Allowed>(change).Record;
        VolumeChange made = Await(records.CreateAsync(record));
        VolumeEntry entry = Assert.IsType<VolumeChange.Written>(made).Entry;
        if (entry.Record.WithBadBlocks(BadBlocksBefore) is RecordChange.Allowed listed)
        {
            made = Await(records.ChangeAsync(entry, listed.Record));
            entry = Assert.IsType<VolumeChange.Written>(made).Entry;
        }

        Start(entry);
    }

    /// <summary>Starts a volume as the store has it; the one before must have ended.</summary>
    private protected void StartAgain() =>
        Start(Assert.IsType<VolumeLookup.Found>(Await(new VolumeRecords(Store).GetAsync(VolumeName))).Entry);

    /// <summary>Makes the stand-ins, all with the same content.</summary>
    private protected void MakeNodes(int count)
    {
        byte[] content = [.. Enumerable.Range(0, SizeBytes).Select(static i => (byte)((i * 7) + (i >> 12)))];
        Nodes =
        [
            .. Enumerable.Range(1, count).Select(number =>
                new ReplicaStandIn(this, Buffers, $"node{number}", (byte[])content.Clone())),
        ];
    }

    /// <summary>Starts the volume and waits until it serves; what opening it asked is forgotten.</summary>
    private protected void Open(int count = 3, int threshold = 2, bool rewrite = true)
    {
        Options = Options with { Threshold = threshold, RewriteCorrupted = rewrite };
        Start(count);
        Assert.Equal(VolumeCondition.Healthy, Opened().Condition);
        Settle();
        Forget();
    }

    /// <summary>Forgets what was asked and published so far.</summary>
    private protected void Forget()
    {
        foreach (ReplicaStandIn node in Nodes)
        {
            node.Asked.Clear();
        }

        Events.Clear();
    }

    private protected VolumeStatus Status() =>
        Await(Volume.Ask<VolumeStatus>(new QueryVolume(), TimeSpan.FromSeconds(1), World.Time));

    /// <summary>The volume's status once its opening is settled.</summary>
    private protected VolumeStatus Opened(double seconds = 3) => Await(
        Volume.Ask<VolumeStatus>(new AwaitOpening(), TimeSpan.FromSeconds(seconds), World.Time),
        TimeSpan.FromSeconds(seconds));

    private protected ClientReply Ask(RangeRequest request)
    {
        ClientReply reply = new(this, Buffers, request);
        _clients.Add(reply);
        Volume.Tell(request, reply);
        return reply;
    }

    private protected ClientReply Read(long offset, int length) => Ask(new ReadRange(offset, length));

    private protected ClientReply Write(long offset, byte[] bytes, bool fua = false) =>
        Ask(new WriteRange(offset, Buffers.CopyOf(bytes), fua));

    private protected ClientReply Flush() => Ask(new FlushVolume());

    private protected static byte[] Filled(int length, byte value)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    /// <summary>From now on nothing reaches or leaves the store until it is released.</summary>
    private protected void HoldStore() => _isStoreHeld = true;

    private protected void ReleaseStore()
    {
        _isStoreHeld = false;
        while (_storeSteps.TryDequeue(out Action? step))
        {
            step();
        }
    }

    /// <summary>Lets one step of the store happen while it is held.</summary>
    private protected void StepStore() => _storeSteps.Dequeue()();

    private protected int WaitingStoreSteps => _storeSteps.Count;

    /// <summary>The child from which the next read asks for data, by where the last read's was.</summary>
    private protected int DataChildOf(ClientReply read) => Array.FindIndex(
        Nodes, node => node.AskedFor<ReadReplica>().Any(asked =>
            asked.Mode == ReplicaReadMode.Data
            && asked.OffsetBytes == ((ReadRange)read.Request).OffsetBytes));

    /// <summary>The child that the next request, a read, will ask for data.</summary>
    private protected int NextDataChild()
    {
        ClientReply probe = Read(SizeBytes - 512, 512);
        probe.Expect<RangeRead>();
        Settle();
        int next = (DataChildOf(probe) + 1) % Nodes.Length;
        Forget();
        return next;
    }

    private protected IReadOnlyList<T> Published<T>()
        where T : VolumeEvent => [.. Events.OfType<T>()];

    private void Start(VolumeEntry entry)
    {
        VolumeSeams seams = new(new VolumeRecords(Store), StorageOf, "gateway-1", Settings)
        {
            Observer = Reports,
        };
        Volume = Sys.ActorOf(VolumeActor.Props(entry, seams), $"{VolumeName}-{++_starts}");
    }

    private IActorRef StorageOf(string node) => Nodes[int.Parse(node[4..]) - 1].Storage;

    private void Schedule(Action step)
    {
        if (_isStoreHeld)
        {
            _storeSteps.Enqueue(step);
        }
        else
        {
            World.After(TimeSpan.FromMilliseconds(1), step);
        }
    }

    /// <summary>A payload in a dead letter has no owner left: the ledger counts it as given back.</summary>
    private static void OnDeadLetter(DeadLetter letter)
    {
        (letter.Message as ReplicaRead)?.Data?.Release();
        (letter.Message as WriteReplica)?.Payload.Release();
        (letter.Message as WriteRange)?.Payload.Release();
    }

    /// <summary>The condition and its reason are worked out from the same: neither is ahead.</summary>
    private static void AssertOfOneMoment(VolumeConditionChanged told)
    {
        bool isWell = told.Reason == VolumeHerald.WellReason;
        bool isStop = told.Reason.StartsWith("blkverify found", StringComparison.Ordinal);
        Assert.True(
            isWell == (told.Condition == VolumeCondition.Healthy)
                && isStop == (told.Condition == VolumeCondition.Stopped),
            $"{told.Condition}: {told.Reason}");
    }

    private void OnLog(LogEvent entry)
    {
        if (entry.Level == LogLevel.Error && entry.Message.Contains("verdict", StringComparison.Ordinal))
        {
            ActorFailures.Add($"{entry.Message}\n{entry.Cause}");
        }
    }

    private sealed class Listener<T>(Action<T> take) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) => take((T)message);
    }
}
