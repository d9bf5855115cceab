using Replication.Actors;
using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.Messages.Digests;
using Replication.ReplicaNode.Observing;
using Replication.ReplicaNode.Sidecar;
using Replication.ReplicaNode.Storage;
using Replication.TestKit;
using Replication.TestKit.Simulation;
using Replication.TestKit.Simulation.Disks;

namespace Replication.ReplicaNode.Tests.Replicas;

/// <summary>A storage node on a simulated disk, with the test in the place of the owner.</summary>
public abstract class ReplicaSpec : TestKitBase
{
    protected const long Size = 40 << 20;
    protected const string Data = "volumes/demo/data.raw";
    protected const string Sidecar = "volumes/demo/sidecar";

    private int _tag;

    private readonly Func<SimulatedDisk, IDisk> _seen;

    /// <param name="seed">Of the world.</param>
    /// <param name="sizeBytes">Of the volume.</param>
    /// <param name="seen">What the node sees of its disk; null: the disk itself.</param>
    protected ReplicaSpec(
        ulong seed = 1, long sizeBytes = Size, Func<SimulatedDisk, IDisk>? seen = null)
        : base(seed)
    {
        _seen = seen ?? (static disk => disk);
        Identity = new ReplicaIdentity(
            "demo", new Guid(1, 2, 3, new byte[8]), new Guid(5, 6, 7, new byte[8]), sizeBytes);
        Disk = new SimulatedDisk(World, "node1");
        Node = null!;
        Storage = null!;
        StartNode();
    }

    protected SimulatedDisk Disk { get; }

    protected SimulatedNode Node { get; private set; }

    protected IActorRef Storage { get; private set; }

    protected ReplicaIdentity Identity { get; }

    /// <summary>What an observer of the node's requests was told.</summary>
    internal List<ReplicaReport> Reports { get; } = [];

    /// <summary>The ticket and actor of the last open.</summary>
    protected ReplicaTicket Ticket { get; private set; }

    protected IActorRef Replica { get; private set; } = null!;

    protected int NextTag => ++_tag;

    protected static ulong Stamp(uint epoch, ulong counter) => ((ulong)epoch << 40) | counter;

    protected static byte[] Noise(int seed, int lengthBytes)
    {
        byte[] noise = new byte[lengthBytes];
        new Random(seed).NextBytes(noise);
        return noise;
    }

    /// <summary>The process ends; with a policy, the power goes too. The node starts again.</summary>
    protected void Restart(DiskCrashPolicy? power = null)
    {
        Node.Crash();
        if (power is DiskCrashPolicy policy)
        {
            Disk.Crash(policy);
        }

        StartNode();
    }

    protected void Create()
    {
        Probe.Send(Storage, new CreateReplica(NextTag, Identity));
        ExpectMsg<ReplicaDone>();
    }

    protected ReplicaOpened Open(
        uint epoch, uint session = 1, long serial = 0, ReplicaRole role = ReplicaRole.Holder)
    {
        SendOpen(epoch, session, serial, role);
        return ExpectOpened(epoch, session);
    }

    protected void SendOpen(
        uint epoch, uint session = 1, long serial = 0, ReplicaRole role = ReplicaRole.Holder) =>
        Probe.Send(Storage, new OpenReplica(NextTag, Identity, serial, epoch, session) { Role = role });

    /// <summary>The owner's takeover is settled: the replica is a continuous holder (P9).</summary>
    protected void Acknowledge(ulong clean = 0)
    {
        Probe.Send(Replica, new SettleReplica(NextTag, Ticket, clean));
        ExpectMsg<ReplicaDone>();
    }

    protected void Close(ulong checkpoint = 0)
    {
        Probe.Send(Replica, new CloseReplica(NextTag, Ticket) { Checkpoint = checkpoint });
        ExpectMsg<ReplicaDone>();
    }

    /// <summary>Raises stamps without data.</summary>
    protected void Restamp(long offsetBytes, long lengthBytes, ulong stamp, ulong lowWater = 0)
    {
        Probe.Send(
            Replica, new StampReplica(NextTag, Ticket, stamp, lowWater, offsetBytes, lengthBytes));
        ExpectMsg<ReplicaDone>();
    }

    protected ReplicaRegions ListRegions(ulong after = 0, long firstRegion = 0)
    {
        Probe.Send(Replica, new ListReplicaRegions(NextTag, Ticket, after, firstRegion));
        return ExpectMsg<ReplicaRegions>();
    }

    protected ReplicaOpened ExpectOpened(uint epoch, uint session)
    {
        ReplicaOpened opened = ExpectMsg<ReplicaOpened>();
        Ticket = new ReplicaTicket(epoch, session, opened.Incarnation);
        Replica = Probe.LastSender;
        return opened;
    }

    protected void CreateAndOpen()
    {
        Create();
        Open(epoch: 1);
    }

    protected PooledBuffer SendWrite(long offsetBytes, byte[] content, ulong counter, bool fua = false)
    {
        PooledBuffer payload = PooledBuffer.CopyOf(content);
        Probe.Send(
            Replica,
            new WriteReplica(NextTag, Ticket, Stamp(Ticket.Epoch, counter), 0, offsetBytes, payload, fua));
        return payload;
    }

    protected void Write(long offsetBytes, byte[] content, ulong counter, bool fua = false)
    {
        SendWrite(offsetBytes, content, counter, fua);
        ExpectMsg<ReplicaDone>();
    }

    protected void SendFlush(ulong checkpoint = 0) =>
        Probe.Send(Replica, new FlushReplica(NextTag, Ticket, checkpoint));

    protected void Flush(ulong checkpoint = 0)
    {
        SendFlush(checkpoint);
        ExpectMsg<ReplicaDone>();
    }

    protected byte[] Read(long offsetBytes, int lengthBytes)
    {
        Probe.Send(
            Replica,
            new ReadReplica(
                NextTag, Ticket, offsetBytes, lengthBytes, ReplicaReadMode.Data, DigestKind.Xxh128));
        PooledBuffer data = ExpectMsg<ReplicaRead>().Data!;
        byte[] content = data.Span.ToArray();
        data.Release();
        return content;
    }

    protected ReplicaFailed ExpectRefused(ReplicaRefusal refusal)
    {
        ReplicaFailed failed = ExpectMsg<ReplicaFailed>();
        Assert.Equal(refusal, failed.Refusal);
        Assert.NotEqual(0, failed.Errno);
        Assert.NotEmpty(failed.Reason);
        return failed;
    }

    /// <summary>The newest header that is on the disk, not just in its cache.</summary>
    internal SidecarHeader DurableHeader() => HeaderSlots.Read(
        Disk.PeekDurable(Sidecar, SidecarLayout.HeaderOffset(0), SidecarLayout.HeaderSlotBytes),
        Disk.PeekDurable(Sidecar, SidecarLayout.HeaderOffset(1), SidecarLayout.HeaderSlotBytes)).Newest!;

    /// <summary>The hot marks that are on the disk, zone by zone from the lowest bit.</summary>
    protected ulong DurableHotMarks()
    {
        ulong[] words = new ulong[HotSector.WordCount];
        byte[] sector =
            Disk.PeekDurable(Sidecar, SidecarLayout.HotSectorOffset(0), SidecarLayout.HotSectorBytes);
        Assert.Equal(PageState.Valid, HotSector.Decode(sector, 0, Identity.ReplicaId, words));
        return words[0];
    }

    /// <summary>The stamp of a region that is on the disk.</summary>
    protected ulong DurableStamp(int region)
    {
        int page = region / SidecarLayout.RegionsPerStampPage;
        ulong[] stamps = new ulong[SidecarLayout.RegionsPerStampPage];
        byte[] content =
            Disk.PeekDurable(Sidecar, SidecarLayout.StampPageOffset(page), SidecarLayout.PageBytes);
        Assert.Equal(PageState.Valid, StampPage.Decode(content, page, Identity.ReplicaId, stamps));
        return stamps[region % SidecarLayout.RegionsPerStampPage];
    }

    private void StartNode()
    {
        Node = World.StartNode("node1");
        Disk.AttachTo(Node);
        Storage = Node.System.ActorOf(StorageActor.Props(_seen(Disk), new Reporter(Reports)), "storage");
    }

    private sealed class Reporter(List<ReplicaReport> reports) : IReplicaObserver
    {
        public void OnAnswered(in ReplicaReport report) => reports.Add(report);
    }
}
