using Replication.Actors;
using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.Messages.Digests;
using Replication.TestKit;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>
/// A storage node with one replica in memory, played by probes. It answers as a sound replica would, unless
/// <see cref="Answers"/> says otherwise, and keeps what it was asked.
/// </summary>
internal sealed class ReplicaStandIn
{
    /// <summary>What <see cref="Answers"/> returns to have a request kept without an answer.</summary>
    internal static readonly object Silence = new();

    private const int BlockLengthBytes = 4096;

    private readonly TestKitBase _kit;
    private readonly BufferLedger _buffers;
    private readonly List<(object Request, IActorRef Asker)> _kept = [];
    private readonly string _name;
    private TestProbe _replica;
    private ReplicaTicket _ticket;
    private uint _fenceEpoch;
    private int _lives;

    internal ReplicaStandIn(TestKitBase kit, BufferLedger buffers, string name, byte[] data)
    {
        _kit = kit;
        _buffers = buffers;
        _name = name;
        Data = data;
        RegionCount = data.Length / RequestLimits.RegionLengthBytes;
        TestProbe storage = kit.CreateTestProbe($"storage-{name}");
        storage.SetAutoPilot(Take);
        Storage = storage.Ref;
        _replica = StartReplica();
    }

    /// <summary>The node's storage actor.</summary>
    internal IActorRef Storage { get; }

    /// <summary>The replica's own actor in its present life.</summary>
    internal IActorRef Replica => _replica.Ref;

    internal byte[] Data { get; }

    /// <summary>The largest stamp of each 64 KiB region that was ever stamped.</summary>
    internal SortedDictionary<long, ulong> Stamps { get; } = [];

    /// <summary>What the session that is open names.</summary>
    internal ReplicaTicket Ticket => _ticket;

    /// <summary>True for a replica of more than it keeps in memory: it takes zeroes for granted.</summary>
    internal bool IsVast { get; set; }

    /// <summary>Regions of the volume, whatever part of it is kept.</summary>
    internal long RegionCount { get; set; }

    internal ulong Incarnation { get; private set; } = 100;

    /// <summary>It has kept every write (P9): not after a restart, until an owner has settled it.</summary>
    internal bool Continuous { get; set; } = true;

    /// <summary>False: it does not answer when it is opened to be copied to.</summary>
    internal bool ComesBack { get; set; }

    internal ulong Clean { get; set; }

    /// <summary>Its sidecar or a part of its data is gone; an owner's settling mends that.</summary>
    internal bool Incomplete { get; set; }

    internal IReadOnlyList<ByteRange> UnderWay { get; set; } = [];

    internal IReadOnlyList<ZoneRun> HotZones { get; set; } = [];

    /// <summary>The serial of the record in its sidecar.</summary>
    internal long Serial { get; private set; }

    /// <summary>Everything that it was asked, in order of arrival.</summary>
    internal List<object> Asked { get; } = [];

    /// <summary>Answers a request in its own way; null leaves it to the sound replica.</summary>
    internal Func<object, object?>? Answers { get; set; }

    internal int KeptCount => _kept.Count;

    internal IReadOnlyList<T> AskedFor<T>() => [.. Asked.OfType<T>()];

    /// <summary>Open under this ticket, as if it had answered an open.</summary>
    internal void Admit(ReplicaTicket ticket) => _ticket = ticket;

    internal void FailAll<T>(int errno, ReplicaRefusal refusal = ReplicaRefusal.DiskError) =>
        Answers = request =>
        {
            if (request is not (T and ReplicaRequest asked))
            {
                return null;
            }

            if (refusal == ReplicaRefusal.SyncFailed)
            {
                EndIncarnation();
            }

            return new ReplicaFailed(asked.Tag, refusal, errno, "told to fail");
        };

    /// <summary>Fails every read that touches this block.</summary>
    internal void FailReadsOf(long block) => Answers = request =>
        request is ReadReplica read && read.OffsetBytes < (block + 1) * BlockLengthBytes
            && read.OffsetBytes + read.LengthBytes > block * BlockLengthBytes
            ? new ReplicaFailed(read.Tag, ReplicaRefusal.DiskError, Errno.InputOutput, "unreadable")
            : null;

    internal void Keep<T>(Predicate<T>? fits = null) =>
        Answers = request => request is T kept && fits?.Invoke(kept) != false ? Silence : null;

    /// <summary>Answers in the ordinary way what was kept, oldest first.</summary>
    internal void AnswerKept()
    {
        Answers = null;
        (object Request, IActorRef Asker)[] kept = [.. _kept];
        _kept.Clear();
        foreach ((object request, IActorRef asker) in kept)
        {
            Answer(request, asker);
        }
    }

    /// <summary>Fails what was kept.</summary>
    internal void FailKept(int errno)
    {
        Answers = null;
        foreach ((object request, IActorRef asker) in _kept)
        {
            (request as WriteReplica)?.Payload.Release();
            ReplicaRequest asked = (ReplicaRequest)request;
            Tell(asker, new ReplicaFailed(asked.Tag, ReplicaRefusal.DiskError, errno, "told to fail"));
        }

        _kept.Clear();
    }

    internal void Lie(int offsetBytes, int lengthBytes, byte mask = 0xFF)
    {
        for (int i = offsetBytes; i < offsetBytes + lengthBytes; i++)
        {
            Data[i] ^= mask;
        }
    }

    /// <summary>The process starts again: its actor ends, and the next has another incarnation.</summary>
    internal void Restart()
    {
        _kit.Sys.Stop(_replica.Ref);
        EndIncarnation();
        _replica = StartReplica();
    }

    /// <summary>What was not synced may be lost: another life begins.</summary>
    internal void EndIncarnation()
    {
        Incarnation++;
        Continuous = false;
        UnderWay = [];
        _ticket = default;
    }

    /// <summary>Its actor ends; whoever asks from now on meets a new one of the same incarnation.</summary>
    internal void LoseConnection()
    {
        _kit.Sys.Stop(_replica.Ref);
        _replica = StartReplica();
    }

    internal void ReleaseKept()
    {
        foreach ((object request, IActorRef _) in _kept)
        {
            (request as WriteReplica)?.Payload.Release();
        }

        _kept.Clear();
    }

    /// <summary>The sound replica's reply; takes over a write's payload.</summary>
    internal object SoundReply(object request)
    {
        switch (request)
        {
            case OpenReplica open:
                _ticket = new ReplicaTicket(open.Epoch, open.Session, Incarnation);
                _fenceEpoch = Math.Max(_fenceEpoch, open.Epoch);
                return new ReplicaOpened(open.Tag, Incarnation, Clean, Continuous, Serial)
                {
                    Incomplete = Incomplete,
                    UnderWay = UnderWay,
                    HotZones = HotZones,
                };
            case CreateReplica create:
                return new ReplicaDone(create.Tag);
            case RemoveReplica remove:
                return Remove(remove);
            case ReplicaRequest asked when asked.Ticket != _ticket:
                (request as WriteReplica)?.Payload.Release();
                ReplicaRefusal refusal = asked.Ticket.Incarnation == Incarnation
                    ? ReplicaRefusal.StaleEpoch
                    : ReplicaRefusal.WrongIncarnation;
                return new ReplicaFailed(asked.Tag, refusal, Errno.Stale, "another ticket");
            case ReadReplica read:
                return Read(read);
            case WriteReplica write:
                Stamp(write.Stamp, write.OffsetBytes, write.Payload.LengthBytes);
                write.Payload.Span.CopyTo(Data.AsSpan((int)write.OffsetBytes));
                write.Payload.Release();
                return new ReplicaDone(write.Tag);
            case ZeroReplica zero:
                Stamp(zero.Stamp, zero.OffsetBytes, zero.LengthBytes);
                if (!IsVast)
                {
                    Data.AsSpan((int)zero.OffsetBytes, (int)zero.LengthBytes).Clear();
                }

                return new ReplicaDone(zero.Tag);
            case StampReplica stamp:
                Stamp(stamp.Stamp, stamp.OffsetBytes, stamp.LengthBytes);
                return new ReplicaDone(stamp.Tag);
            case ListReplicaRegions list:
                return new ReplicaRegions(
                    list.Tag,
                    [
                        .. Stamps.Where(region => region.Key >= list.FirstRegion && region.Value > list.After)
                            .Select(static region => new RegionStamp(region.Key, region.Value)),
                    ],
                    RegionCount);
            case QueryReplicaExtents query:
                return new ReplicaExtents(
                    query.Tag, [new(query.OffsetBytes, query.LengthBytes, IsHole: false)]);
            case StoreReplicaRecord store:
                Serial = store.Serial;
                return new ReplicaDone(store.Tag);
            case SettleReplica settle:
                Continuous = true;
                Incomplete = false;
                HotZones = [];
                return new ReplicaDone(settle.Tag);
            case ReplicaRequest other:
                return new ReplicaDone(other.Tag);
            default:
                throw new InvalidOperationException($"no replica knows {request}");
        }
    }

    internal void Tell(IActorRef asker, object reply) => _replica.Send(asker, reply);

    private ReplicaReply Remove(RemoveReplica remove)
    {
        if (remove.Serial < Serial || remove.Epoch < _fenceEpoch)
        {
            const string Older = "its store is older than the data (P4)";
            return new ReplicaFailed(remove.Tag, ReplicaRefusal.StaleSerial, Errno.Stale, Older);
        }

        Serial = 0;
        _fenceEpoch = 0;
        return new ReplicaDone(remove.Tag);
    }

    private void Stamp(ulong stamp, long offsetBytes, long lengthBytes)
    {
        long last = (offsetBytes + lengthBytes - 1) / RequestLimits.RegionLengthBytes;
        for (long region = offsetBytes / RequestLimits.RegionLengthBytes; region <= last; region++)
        {
            Stamps[region] = Math.Max(stamp, Stamps.GetValueOrDefault(region));
        }
    }

    private TestProbe StartReplica()
    {
        TestProbe replica = _kit.CreateTestProbe($"replica-{_name}-{++_lives}");
        replica.SetAutoPilot(Take);
        return replica;
    }

    private void Take(object request, IActorRef asker)
    {
        if (!ComesBack && request is OpenReplica { Role: not ReplicaRole.Holder })
        {
            return;
        }

        Asked.Add(request);
        if (request is WriteReplica write)
        {
            _buffers.Watch(write.Payload);
        }

        Answer(request, asker);
    }

    private void Answer(object request, IActorRef asker)
    {
        object? own = Answers?.Invoke(request);
        if (ReferenceEquals(own, Silence))
        {
            _kept.Add((request, asker));
            return;
        }

        if (own is not null)
        {
            (request as WriteReplica)?.Payload.Release();
        }

        Tell(asker, own ?? SoundReply(request));
    }

    private ReplicaRead Read(ReadReplica read)
    {
        ReadOnlySpan<byte> bytes = Data.AsSpan((int)read.OffsetBytes, read.LengthBytes);
        switch (read.Mode)
        {
            case ReplicaReadMode.Digest:
                return new ReplicaRead(read.Tag, Digest.Compute(read.DigestKind, bytes), null, null);
            case ReplicaReadMode.Data:
                return new ReplicaRead(read.Tag, default, _buffers.CopyOf(bytes), null);
            default:
                List<Digest> digests = [];
                long end = read.OffsetBytes + read.LengthBytes;
                for (long start = read.OffsetBytes; start < end;)
                {
                    long next = Math.Min(end, ((start / BlockLengthBytes) + 1) * BlockLengthBytes);
                    ReadOnlySpan<byte> block = Data.AsSpan((int)start, (int)(next - start));
                    digests.Add(Digest.Compute(read.DigestKind, block));
                    start = next;
                }

                return new ReplicaRead(read.Tag, default, null, digests);
        }
    }
}
