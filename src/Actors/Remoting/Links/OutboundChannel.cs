using System.Collections.Concurrent;
using Replication.Actors.Buffers;
using Replication.Actors.Remoting.Frames;
using Replication.Actors.Remoting.Transports;

namespace Replication.Actors.Remoting.Links;

/// <summary>
/// The queue in front of one connection, and its writer: a piece of work that runs only while something is
/// queued, takes everything there is into one batch and sends it with one call. Tellers only enqueue. Before
/// the connection is open messages wait; after its end they become dead letters. Hot path: no allocation per
/// message.
/// </summary>
internal sealed class OutboundChannel(ActorSystem system, string name, long queueMaxBytes)
    : IThreadPoolWorkItem
{
    private enum Phase
    {
        Waiting,
        Open,
        Closed,
    }

    private const int Idle = 0;
    private const int Busy = 1;

    private readonly ConcurrentQueue<OutboundMessage> _queue = new();
    private readonly OutboundBatch _batch = new();
    private IConnection? _connection;
    private byte[]? _handshakeFrame;
    private ulong _peerUid;
    private long _queuedBytes;
    private long _lastOverflowLog;
    private volatile Phase _phase;
    private volatile bool _closeWhenSent;
    private int _writer;

    /// <summary>Messages that wait to be taken into a batch. Any thread, as the next.</summary>
    internal int QueuedCount => _queue.Count;

    /// <summary>What they count for in the bound.</summary>
    internal long QueuedBytes => Volatile.Read(ref _queuedBytes);

    /// <summary>
    /// Queues a message, in the order of the calls of one thread. False when it was dropped, because the
    /// bound is reached or the connection has ended.
    /// </summary>
    internal bool Enqueue(in OutboundMessage message)
    {
        if (_phase == Phase.Closed)
        {
            Drop(in message);
            return false;
        }

        if (Interlocked.Add(ref _queuedBytes, message.WeightBytes) > queueMaxBytes)
        {
            Interlocked.Add(ref _queuedBytes, -message.WeightBytes);
            Overflow(in message);
            return false;
        }

        _queue.Enqueue(message);
        WakeWriter();
        return true;
    }

    /// <summary>The connection exists; only handshake frames are sent until <see cref="Open"/>.</summary>
    internal void Attach(IConnection connection) => _connection = connection;

    /// <summary>Sends one frame of the handshake ahead of everything queued.</summary>
    internal void SendHandshake(byte[] frame, bool thenClose = false)
    {
        _closeWhenSent = thenClose;
        Volatile.Write(ref _handshakeFrame, frame);
        WakeWriter();
    }

    /// <summary>
    /// The peer is known: what waits is sent. Messages to another life of it become dead letters.
    /// </summary>
    internal void Open(ulong peerUid)
    {
        _peerUid = peerUid;
        Advance(Phase.Open);
    }

    /// <summary>Everything queued, now and later, becomes dead letters.</summary>
    internal void Close() => Advance(Phase.Closed);

    /// <summary>The pending send is over.</summary>
    internal void OnSent(bool ok)
    {
        _batch.Reset();
        if (!ok)
        {
            _phase = Phase.Closed;
        }

        Execute();
    }

    /// <summary>The writer. At most one thread runs it, and none while a send is pending.</summary>
    public void Execute()
    {
        while (true)
        {
            Fill();
            if (!_batch.IsEmpty)
            {
                SendResult result = _connection!.Send(_batch.Segments());
                if (result == SendResult.Pending)
                {
                    return;
                }

                _batch.Reset();
                if (result == SendResult.Closed)
                {
                    _phase = Phase.Closed;
                }

                continue;
            }

            if (_closeWhenSent)
            {
                _connection!.Close();
            }

            // The exchange is a full fence: a teller that still saw "busy" has its message seen below.
            Interlocked.Exchange(ref _writer, Idle);
            if (!HasWork || Interlocked.CompareExchange(ref _writer, Busy, Idle) != Idle)
            {
                return;
            }
        }
    }

    private bool HasWork =>
        Volatile.Read(ref _handshakeFrame) is not null || (_phase != Phase.Waiting && !_queue.IsEmpty);

    private void Advance(Phase phase)
    {
        if (_phase != Phase.Closed)
        {
            _phase = phase;
        }

        Interlocked.MemoryBarrier();
        WakeWriter();
    }

    private void WakeWriter()
    {
        if (HasWork && Interlocked.CompareExchange(ref _writer, Busy, Idle) == Idle)
        {
            system.Options.Dispatcher.Schedule(this);
        }
    }

    private void Fill()
    {
        byte[]? handshakeFrame = Interlocked.Exchange(ref _handshakeFrame, null);
        if (handshakeFrame is not null && _phase != Phase.Closed)
        {
            _batch.AddRaw(handshakeFrame);
        }

        while (_phase != Phase.Waiting && !_batch.IsFull && _queue.TryDequeue(out OutboundMessage message))
        {
            Interlocked.Add(ref _queuedBytes, -message.WeightBytes);
            if (_phase == Phase.Closed || message.Target?.IsOfLife(_peerUid) == false)
            {
                Drop(in message);
            }
            else
            {
                Encode(in message);
            }
        }
    }

    private void Encode(in OutboundMessage message)
    {
        try
        {
            _batch.Add(in message);
        }
#pragma warning disable CA1031 // A codec that throws for one message must not stop the others.
        catch (Exception cause)
#pragma warning restore CA1031
        {
            system.Log.Error(name, $"cannot write {message.Message.GetType().Name}: {cause.Message}", cause);
            Drop(in message);
        }
    }

    private void Overflow(in OutboundMessage message)
    {
        TimeProvider time = system.Options.Time;
        long now = time.GetTimestamp();
        long last = Volatile.Read(ref _lastOverflowLog);
        if ((last == 0 || time.GetElapsedTime(last, now) >= RemotingLimits.RepeatedLogInterval)
            && Interlocked.CompareExchange(ref _lastOverflowLog, now, last) == last)
        {
            system.Log.Warning(
                name, $"the queue is full at {queueMaxBytes} bytes: messages become dead letters");
        }

        Drop(in message);
    }

    /// <summary>
    /// Encoding would have released the payload; the queue does it for what is never encoded.
    /// </summary>
    private void Drop(in OutboundMessage message)
    {
        PooledBuffer? payload = message.Codec.PayloadOf(message.Message);
        if (message.Target is not null && message.Codec.TypeId >= Codecs.KernelCodecs.FirstUserTypeId)
        {
            system.PublishDeadLetter(message.Message, message.Sender, message.Target);
        }

        payload?.Release();
    }
}
