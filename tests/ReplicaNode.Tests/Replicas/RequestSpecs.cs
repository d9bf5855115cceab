using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.Messages.Digests;
using Replication.ReplicaNode.Replicas;
using Replication.TestKit.Simulation.Disks;

namespace Replication.ReplicaNode.Tests.Replicas;

/// <summary>Reads, writes, zeroes, extents: what is done, what is refused, what is answered.</summary>
public sealed class RequestSpecs : ReplicaSpec
{
    public RequestSpecs() => CreateAndOpen();

    public static TheoryData<long, long> BadRanges => new()
    {
        { -1, 4096 },
        { Size, 1 },
        { Size - 4095, 4096 },
        { long.MaxValue, 1 },
        { long.MinValue, 1 },
        { 4096, 0 },
        { 4096, -1 },
    };

    [Fact]
    public void A_read_brings_data_or_a_digest_or_block_digests()
    {
        byte[] content = Noise(1, 20_000);
        Write(5_000, content, counter: 1);
        Assert.Equal(content, Read(5_000, 20_000));

        Probe.Send(
            Replica, new ReadReplica(7, Ticket, 5_000, 20_000, ReplicaReadMode.Digest, DigestKind.Sha256));
        ReplicaRead digest = ExpectMsg<ReplicaRead>();
        Assert.Equal(7, digest.Tag);
        Assert.Null(digest.Data);
        Assert.Equal(Digest.Compute(DigestKind.Sha256, content), digest.Digest);

        Probe.Send(
            Replica,
            new ReadReplica(8, Ticket, 5_000, 20_000, ReplicaReadMode.BlockDigests, DigestKind.Xxh128));
        ReplicaRead blocks = ExpectMsg<ReplicaRead>();
        int[] cuts = [0, 8192 - 5000, 12288 - 5000, 16384 - 5000, 20480 - 5000, 24576 - 5000, 20_000];
        Assert.Equal(
            cuts.Zip(
                cuts.Skip(1), (from, to) => Digest.Compute(DigestKind.Xxh128, content.AsSpan(from..to))),
            blocks.BlockDigests!);
    }

    [Theory]
    [MemberData(nameof(BadRanges))]
    public void A_range_outside_the_volume_is_refused_with_the_file_untouched(
        long offsetBytes, long lengthBytes)
    {
        PooledBuffer payload = PooledBuffer.Rent((int)Math.Max(0, lengthBytes));
        Probe.Send(Replica, new WriteReplica(1, Ticket, 9, 0, offsetBytes, payload, Fua: true));
        ExpectRefused(ReplicaRefusal.BadRequest);
        Assert.Throws<InvalidOperationException>(() => payload.Memory);
        Probe.Send(
            Replica,
            new ZeroReplica(2, Ticket, 9, 0, offsetBytes, lengthBytes, ZeroMode.MayPunch, Fua: false));
        ExpectRefused(ReplicaRefusal.BadRequest);
        Probe.Send(
            Replica,
            new ReadReplica(
                3, Ticket, offsetBytes, (int)lengthBytes, ReplicaReadMode.Digest, DigestKind.Xxh128));
        ExpectRefused(ReplicaRefusal.BadRequest);
        Probe.Send(Replica, new QueryReplicaExtents(4, Ticket, offsetBytes, lengthBytes));
        ExpectRefused(ReplicaRefusal.BadRequest);
        Flush();
        Assert.Equal(0UL, DurableStamp(0));
        Assert.Equal(0, Disk.UnsyncedPageCount(Data));
    }

    [Fact]
    public void Lengths_and_kinds_out_of_bounds_are_refused()
    {
        const int TooLong = (32 << 20) + 1;
        Probe.Send(Replica, new ReadReplica(1, Ticket, 0, TooLong, ReplicaReadMode.Data, DigestKind.Xxh128));
        ExpectRefused(ReplicaRefusal.BadRequest);
        Probe.Send(Replica, new ReadReplica(1, Ticket, 0, 1, (ReplicaReadMode)9, DigestKind.Xxh128));
        ExpectRefused(ReplicaRefusal.BadRequest);
        Probe.Send(Replica, new ReadReplica(1, Ticket, 0, 1, ReplicaReadMode.Digest, (DigestKind)9));
        ExpectRefused(ReplicaRefusal.BadRequest);
        Probe.Send(Replica, new ZeroReplica(1, Ticket, 1, 0, 0, 1, (ZeroMode)9, Fua: false));
        ExpectRefused(ReplicaRefusal.BadRequest);
    }

    [Theory]
    [InlineData(ZeroMode.MayPunch)]
    [InlineData(ZeroMode.KeepAllocated)]
    public void A_zeroed_range_reads_back_zero(ZeroMode mode)
    {
        byte[] content = Noise(1, 1 << 20);
        Write(0, content, counter: 1);
        Probe.Send(Replica, new ZeroReplica(2, Ticket, Stamp(1, 2), 0, 5_000, 300_000, mode, Fua: false));
        ExpectMsg<ReplicaDone>();
        Array.Clear(content, 5_000, 300_000);
        Assert.Equal(content, Read(0, content.Length));
        Probe.Send(Replica, new QueryReplicaExtents(3, Ticket, 0, 1 << 20));
        ReplicaExtents extents = ExpectMsg<ReplicaExtents>();
        Assert.Equal(mode == ZeroMode.MayPunch, extents.Extents.Any(extent => extent.IsHole));
    }

    [Fact]
    public void Each_region_keeps_its_largest_stamp()
    {
        Write(65_535, [1, 2], counter: 9);
        Write(0, [3], counter: 4);
        Probe.Send(
            Replica, new ZeroReplica(1, Ticket, Stamp(1, 11), 0, 30 << 20, 1, ZeroMode.MayPunch, Fua: false));
        ExpectMsg<ReplicaDone>();
        Flush();
        Assert.Equal(Stamp(1, 9), DurableStamp(0));
        Assert.Equal(Stamp(1, 9), DurableStamp(1));
        Assert.Equal(0UL, DurableStamp(2));
        Assert.Equal(Stamp(1, 11), DurableStamp(480));
    }

    [Fact]
    public void A_payload_is_released_once_it_is_written()
    {
        PooledBuffer payload = SendWrite(0, Noise(1, 4096), counter: 1);
        ExpectMsg<ReplicaDone>();
        Assert.Throws<InvalidOperationException>(() => payload.Memory);
    }

    [Fact]
    public void A_failing_disk_answers_with_its_errno_and_the_incarnation_goes_on()
    {
        Disk.Inject(new DiskFault(DiskFaultEffect.Fail) { Path = Data, Errno = Errno.NoSpace, Once = true });
        SendWrite(0, Noise(1, 4096), counter: 1);
        Assert.Equal(Errno.NoSpace, ExpectRefused(ReplicaRefusal.DiskError).Errno);
        Write(0, Noise(1, 4096), counter: 2);
    }

    [Fact]
    public void Replies_overtake_each_other()
    {
        Disk.Inject(new DiskFault(DiskFaultEffect.Stall) { Path = Data, LengthBytes = 4096 });
        SendWrite(0, Noise(1, 4096), counter: 1);
        Write(1 << 20, Noise(1, 4096), counter: 2);
        Disk.Heal();
        ExpectMsg<ReplicaDone>();
    }

    [Fact]
    public void Requests_beyond_the_limit_wait_and_are_all_answered()
    {
        const int Count = ReplicaLimits.InFlightCountMax + 100;
        DiskFault stall = Disk.Inject(new DiskFault(DiskFaultEffect.Stall) { Path = Data });
        for (int i = 0; i < Count; i++)
        {
            SendWrite(i * 4096, Noise(i, 4096), counter: (ulong)i);
        }

        ExpectNoMsg();
        Assert.Equal(ReplicaLimits.InFlightCountMax, stall.HitCount);
        Disk.Heal();
        Assert.All(ReceiveN(Count), reply => Assert.IsType<ReplicaDone>(reply));
        Assert.Equal(Noise(Count - 1, 4096), Read((Count - 1) * 4096, 4096));
    }

    [Fact]
    public void Bytes_beyond_the_limit_wait_too()
    {
        const int Count = 10;
        DiskFault stall = Disk.Inject(new DiskFault(DiskFaultEffect.Stall) { Path = Data });
        for (int i = 0; i < Count; i++)
        {
            Probe.Send(
                Replica, new ReadReplica(i, Ticket, 0, 32 << 20, ReplicaReadMode.Digest, DigestKind.Xxh128));
        }

        ExpectNoMsg();
        Assert.Equal(ReplicaLimits.InFlightBytesMax / (32 << 20), stall.HitCount);
        Disk.Heal();
        Assert.All(ReceiveN(Count), reply => Assert.IsType<ReplicaRead>(reply));
    }

    [Fact]
    public void Waiting_requests_of_a_session_before_are_refused()
    {
        const int Count = ReplicaLimits.InFlightCountMax + 10;
        Disk.Inject(new DiskFault(DiskFaultEffect.Stall) { Path = Data });
        for (int i = 0; i < Count; i++)
        {
            SendWrite(i * 4096, Noise(i, 4096), counter: (ulong)i);
        }

        SendOpen(epoch: 2);
        Assert.All(
            ReceiveN(10), reply => Assert.Equal(ReplicaRefusal.StaleEpoch, ((ReplicaFailed)reply).Refusal));
        Disk.Heal();
        ReceiveN(ReplicaLimits.InFlightCountMax);
        ExpectOpened(epoch: 2, session: 1);
        Assert.Equal(new byte[4096], Read((Count - 1) * 4096, 4096));
    }
}
