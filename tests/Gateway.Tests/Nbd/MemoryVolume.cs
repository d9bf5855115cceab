using System.Collections.Concurrent;
using Replication.Actors;
using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Messages;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>
/// A volume in memory that answers on the spot, or when the test lets it. It keeps what it was asked.
/// </summary>
internal sealed class MemoryVolume(int sizeBytes, bool recording = true) : CallbackRef
{
    private readonly Lock _lock = new();
    private readonly Queue<(RangeRequest Request, IActorRef Sender)> _held = new();
    private readonly Queue<int> _failures = new();
    private bool _holding;

    internal byte[] Data { get; } = new byte[sizeBytes];

    /// <summary>
    /// What would survive a loss of power: all before a flush, and what was written with FUA.
    /// </summary>
    internal byte[] Durable { get; } = new byte[recording ? sizeBytes : 0];

    internal ConcurrentQueue<RangeRequest> Asked { get; } = new();

    /// <summary>The most requests that ever waited at a time.</summary>
    internal int HeldCountPeak { get; private set; }

    /// <summary>The data of the last answered read: it throws when it is touched after its release.</summary>
    internal PooledBuffer? LastRead { get; private set; }

    /// <summary>Makes every request be answered twice, as a faulty volume might.</summary>
    internal bool AnswerTwice { get; set; }

    internal int HeldCount
    {
        get
        {
            lock (_lock)
            {
                return _held.Count;
            }
        }
    }

    /// <summary>Requests wait from now on, until <see cref="LetGo"/>.</summary>
    internal void Hold()
    {
        lock (_lock)
        {
            _holding = true;
        }
    }

    /// <summary>Answers what waits, in order or the last first, and holds no longer.</summary>
    internal void LetGo(bool lastFirst = false)
    {
        (RangeRequest Request, IActorRef Sender)[] held;
        lock (_lock)
        {
            held = [.. _held];
            _held.Clear();
            _holding = false;
        }

        foreach ((RangeRequest request, IActorRef sender) in lastFirst ? held.Reverse() : held)
        {
            sender.Tell(Serve(request));
        }
    }

    /// <summary>
    /// Answers the one that waits longest; the others go on waiting. False when none waits.
    /// </summary>
    internal bool LetOneGo()
    {
        (RangeRequest Request, IActorRef Sender) oldest;
        lock (_lock)
        {
            if (!_held.TryDequeue(out oldest))
            {
                return false;
            }
        }

        oldest.Sender.Tell(Serve(oldest.Request));
        return true;
    }

    /// <summary>The next request fails with this errno.</summary>
    internal void FailNext(int errno)
    {
        lock (_lock)
        {
            _failures.Enqueue(errno);
        }
    }

    protected override void OnMessage(object message, IActorRef? sender)
    {
        RangeRequest request = (RangeRequest)message;
        if (recording)
        {
            Asked.Enqueue(request);
            lock (_lock)
            {
                if (_holding)
                {
                    _held.Enqueue((request, sender!));
                    HeldCountPeak = Math.Max(HeldCountPeak, _held.Count);
                    return;
                }
            }
        }

        sender!.Tell(Serve(request));
        if (AnswerTwice)
        {
            sender.Tell(Serve(request));
        }
    }

    private RangeReply Serve(RangeRequest request)
    {
        if (recording)
        {
            lock (_lock)
            {
                if (_failures.TryDequeue(out int errno))
                {
                    (request as WriteRange)?.Payload.Release();
                    return new RangeFailed(errno, "made to fail by the test");
                }
            }
        }

        switch (request)
        {
            case ReadRange read:
                // Of its own variable: clients are served at the same time, and each answer owns its buffer.
                PooledBuffer copy = PooledBuffer.CopyOf(
                    Data.AsSpan((int)read.OffsetBytes, read.LengthBytes));
                LastRead = copy;
                return new RangeRead(copy);
            case WriteRange write:
                write.Payload.Span.CopyTo(Data.AsSpan((int)write.OffsetBytes));
                Sync(write.Fua, (int)write.OffsetBytes, write.Payload.LengthBytes);
                write.Payload.Release();
                return RangeDone.Instance;
            case ZeroRange zero:
                Data.AsSpan((int)zero.OffsetBytes, (int)zero.LengthBytes).Clear();
                Sync(zero.Fua, (int)zero.OffsetBytes, (int)zero.LengthBytes);
                return RangeDone.Instance;
            case FlushVolume:
                Sync(recording, 0, sizeBytes);
                return RangeDone.Instance;
            case QueryRangeExtents query:
                return new RangeExtents(ExtentsOf((int)query.OffsetBytes, (int)query.LengthBytes));
            default:
                return RangeDone.Instance;
        }
    }

    private void Sync(bool wanted, int offset, int length)
    {
        if (wanted)
        {
            Data.AsSpan(offset, length).CopyTo(Durable.AsSpan(offset));
        }
    }

    /// <summary>One extent for each touched 64 KiB, so that neighbours of one kind occur.</summary>
    private List<DiskExtent> ExtentsOf(int offset, int length)
    {
        const int Grain = 64 << 10;
        List<DiskExtent> extents = [];
        for (int at = offset; at < offset + length;)
        {
            int end = Math.Min(offset + length, ((at / Grain) + 1) * Grain);
            extents.Add(new DiskExtent(at, end - at, !Data.AsSpan(at, end - at).ContainsAnyExcept((byte)0)));
            at = end;
        }

        return extents;
    }
}
