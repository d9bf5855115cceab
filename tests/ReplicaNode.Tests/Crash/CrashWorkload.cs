using Replication.Actors;
using Replication.Actors.Buffers;
using Replication.Messages;
using Replication.ReplicaNode.Tests.Replicas;

namespace Replication.ReplicaNode.Tests.Crash;

/// <summary>
/// An owner with a random mind and one replica on a recorded disk: lives that begin with an open, reconcile
/// what the one before left unanswered, settle, and end with a close, a kill, or the next owner.
/// </summary>
internal sealed class CrashWorkload : ReplicaSpec
{
    internal const long SizeBytes = (38 << 20) + 4096;

    // Runs of blocks around the borders of regions and zones, in zones of both stamp pages.
    private static readonly (int First, int Count)[] Places = [.. Enumerable.Range(0, 9).SelectMany(
        static zone => new[] { (zone * 1024, 2), ((zone * 1024) + 15, 3), ((zone * 1024) + 1022, 4) })];

    private readonly List<DiskEvent> _log;
    private readonly Random _random;
    private readonly Owner _owner;
    private readonly Dictionary<int, Asked> _pending = [];
    private readonly HashSet<AskedChange> _unresolved = [];
    private ReplicaOpened? _opened;
    private IActorRef? _openReplica;
    private ReplicaTicket _ticket;
    private bool _isTarget;
    private ulong _lastStamp;
    private uint _epoch;
    private long _serial;
    private ulong _lastContent;

    internal CrashWorkload(int seed, List<DiskEvent> log)
        : base((ulong)seed, SizeBytes, disk => new RecordingDisk(disk, log))
    {
        _log = log;
        _random = new Random(seed);
        _owner = new Owner(this);
    }

    internal OwnersBook Book { get; } = new();

    /// <summary>Lives of the replica, with what is in their log and book afterwards.</summary>
    internal void Run(int lives)
    {
        Create();
        for (int life = 0; life < lives; life++)
        {
            _isTarget = _random.Next(4) == 0;
            Begin();
            Reconcile();
            if (!_isTarget && _random.Next(8) > 0)
            {
                SettleIt();
            }

            for (int steps = _random.Next(10, 40); steps > 0; steps--)
            {
                Step();
            }

            if (_isTarget && _random.Next(3) > 0)
            {
                Promote();
            }

            End();
        }
    }

    private void Begin()
    {
        AskedOpen open = Book.Add(new AskedOpen
        {
            Epoch = ++_epoch,
            Role = _isTarget ? ReplicaRole.Target : ReplicaRole.Holder,
            SentAt = _log.Count,
        });
        _opened = null;
        Storage.Tell(new OpenReplica(NextTag, Identity, _serial, _epoch, 1) { Role = open.Role }, _owner);
        AwaitCondition(() => _opened is not null);
        open.DoneAt = _log.Count;
        _ticket = new ReplicaTicket(_epoch, 1, _opened!.Incarnation);
        _lastStamp = ReplicaSpec.Stamp(_epoch, 0);
        Assert.False(_opened.Incomplete);
    }

    /// <summary>
    /// As P18 does: what no answer was had for is written anew, and every region of a hot zone gets a stamp
    /// of this epoch, before anything counts as complete.
    /// </summary>
    private void Reconcile()
    {
        foreach (AskedChange change in _unresolved.OrderBy(static change => change.Stamp).ToArray())
        {
            SendChange(change.FirstBlock, change.BlockCount, ++_lastContent, fua: false);
            Drain();
        }

        _unresolved.Clear();
        foreach (ZoneRun run in _opened!.HotZones)
        {
            for (long zone = run.FirstZone; zone < run.FirstZone + run.Count; zone++)
            {
                int first = (int)zone * OwnersBook.BlocksPerZone;
                int count = (int)Math.Min(OwnersBook.BlocksPerZone, (SizeBytes / 4096) - first);
                SendChange(first, count, content: null, fua: false);
            }
        }

        Drain();
        Flush();
        Drain();
    }

    private void SettleIt(ulong clean = 0)
    {
        AskedSettle settle = new() { Clean = clean, SentAt = _log.Count };
        Send(tag => new SettleReplica(tag, _ticket, clean), settle);
        Drain();
        _isTarget = false;
    }

    private void Promote()
    {
        Drain();
        Flush();
        Drain();
        SettleIt(Checkpoint());
    }

    private void Step()
    {
        switch (_random.Next(20))
        {
            case 0 or 1 or 2:
                Flush();
                break;
            case 3:
                AskedRecord record = new() { Serial = ++_serial, SentAt = _log.Count };
                byte[] content = Noise((int)_serial, 3000);
                Send(tag => new StoreReplicaRecord(tag, _ticket, record.Serial, content), record);
                break;
            case 4:
                Advance(TimeSpan.FromSeconds(2));
                break;
            case 5 or 6 or 7:
                Advance(TimeSpan.FromMicroseconds(_random.Next(5000)));
                break;
            default:
                Change();
                break;
        }
    }

    private void Change()
    {
        (int first, int count) = Places[_random.Next(Places.Length)];
        int skip = _random.Next(count);
        (first, count) = (first + skip, _random.Next(1, count - skip + 1));
        bool isTaken = _pending.Values.OfType<AskedChange>().Any(
            change => change.FirstBlock < first + count && first <= change.LastBlock);
        if (isTaken)
        {
            Advance(TimeSpan.FromMicroseconds(_random.Next(500)));
            return;
        }

        int kind = _random.Next(8);
        ulong? content = kind == 0 ? null : kind == 1 ? 0 : ++_lastContent;
        SendChange(first, count, content, fua: _random.Next(6) == 0);
    }

    private void SendChange(int first, int count, ulong? content, bool fua)
    {
        AskedChange change = Book.Add(new AskedChange
        {
            Stamp = ++_lastStamp,
            FirstBlock = first,
            BlockCount = count,
            Content = content,
            Fua = fua && content is not null,
            SentAt = _log.Count,
        });
        (long offset, long length) = ((long)first * 4096, (long)count * 4096);
        ulong lowWater = Checkpoint();
        Send(
            tag => content switch
            {
                null => new StampReplica(tag, _ticket, change.Stamp, lowWater, offset, length),
                0 => new ZeroReplica(
                    tag, _ticket, change.Stamp, lowWater, offset, length, ZeroMode.MayPunch, change.Fua),
                _ => new WriteReplica(
                    tag, _ticket, change.Stamp, lowWater, offset, Payload(change), change.Fua),
            },
            change);
    }

    private static PooledBuffer Payload(AskedChange change)
    {
        byte[] bytes = new byte[change.BlockCount * 4096];
        for (int sector = 0; sector < bytes.Length / 512; sector++)
        {
            OwnersBook.Fill(
                bytes.AsSpan(sector * 512, 512), change.FirstBlock + (sector / 8), change.Content!.Value);
        }

        return PooledBuffer.CopyOf(bytes);
    }

    private void Flush()
    {
        AskedFlush flush = Book.Add(new AskedFlush
        {
            Checkpoint = _isTarget ? 0 : Checkpoint(),
            SentAt = _log.Count,
        });
        Send(tag => new FlushReplica(tag, _ticket, flush.Checkpoint), flush);
    }

    /// <summary>All changes stamped at or below have been answered.</summary>
    private ulong Checkpoint()
    {
        ulong earliest = _lastStamp + 1;
        foreach (AskedChange change in _pending.Values.OfType<AskedChange>().Concat(_unresolved))
        {
            earliest = Math.Min(earliest, change.Stamp);
        }

        return earliest - 1;
    }

    private void End()
    {
        int how = _random.Next(3);
        if (how == 0)
        {
            Drain();
            AskedFlush close = Book.Add(new AskedFlush
            {
                Checkpoint = _isTarget ? 0 : Checkpoint(),
                IsClose = true,
                SentAt = _log.Count,
            });
            Send(tag => new CloseReplica(tag, _ticket) { Checkpoint = close.Checkpoint }, close);
            Drain();
        }

        if (how < 2)
        {
            Restart();
        }

        _unresolved.UnionWith(_pending.Values.OfType<AskedChange>().Where(static one => one.Content > 0));
        _unresolved.UnionWith(_pending.Values.OfType<AskedChange>().Where(static one => one.Content == 0));
        _pending.Clear();
    }

    private void Send(Func<int, ReplicaRequest> request, Asked asked)
    {
        if (asked is AskedRecord or AskedSettle)
        {
            Book.Add(asked);
        }

        int tag = NextTag;
        _pending.Add(tag, asked);
        _openReplica!.Tell(request(tag), _owner);
    }

    private void Drain() => AwaitCondition(() => _pending.Count == 0);

    private void OnAnswer(object answer, IActorRef? replica)
    {
        if (answer is ReplicaOpened opened)
        {
            (_opened, _openReplica) = (opened, replica);
        }
        else if (_pending.Remove(((ReplicaReply)answer).Tag, out Asked? asked))
        {
            // Those of a session that another one has followed are refused, and nobody waits for them here.
            Assert.IsType<ReplicaDone>(answer);
            asked.DoneAt = _log.Count;
        }
    }

    private sealed class Owner(CrashWorkload workload) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) =>
            workload.OnAnswer(message, sender);
    }
}
