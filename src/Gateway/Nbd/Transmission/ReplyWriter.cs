using System.Net.Sockets;
using Replication.Actors.Threading;

namespace Replication.Gateway.Nbd.Transmission;

/// <summary>
/// The sending half of a connection. Answered requests are pushed by any thread; one piece of work at a time,
/// there only while something is queued, encodes all that waits and sends it with one call. The receiving
/// loop may hold the writer while it handles what one receive brought, so that answers that come meanwhile
/// leave together.
/// </summary>
internal sealed class ReplyWriter : IThreadPoolWorkItem, IDisposable
{
    private const int Idle = 0;
    private const int Owned = 1;

    private readonly Socket _socket;
    private readonly InFlightGauge _gauge;
    private readonly ReplyEncoder _encoder;
    private readonly NbdConnection _owner;
    private readonly ReplyBatch _batch = new();
    private readonly SocketAsyncEventArgs _send = new(unsafeSuppressExecutionContextFlow: true);

    // Answered and not yet taken, newest first.
    private NbdRequest? _answered;

    // Taken and not yet encoded whole, oldest first; and encoded whole, to be let go when the batch is sent.
    private NbdRequest? _taken;
    private NbdRequest? _encoded;
    private int _status;
    private bool _broken;

    /// <param name="socket">The connection's; closed by the connection.</param>
    /// <param name="gauge">Requests leave it when their answers are sent, or can no longer be.</param>
    /// <param name="encoder">How answers look.</param>
    /// <param name="owner">Aborted when sending fails; speaks for the requests in the log.</param>
    internal ReplyWriter(Socket socket, InFlightGauge gauge, ReplyEncoder encoder, NbdConnection owner)
    {
        _socket = socket;
        _gauge = gauge;
        _encoder = encoder;
        _owner = owner;
        _send.Completed += OnSent;
    }

    /// <summary>Reports what a volume should never have answered.</summary>
    internal void LogError(string message) => _owner.Log.Error(_owner.Name, message);

    /// <summary>Queues an answered request. Any thread.</summary>
    internal void Enqueue(NbdRequest request)
    {
        NbdRequest? head = Volatile.Read(ref _answered);
        while (true)
        {
            request.Next = head;
            NbdRequest? seen = Interlocked.CompareExchange(ref _answered, request, head);
            if (ReferenceEquals(seen, head))
            {
                break;
            }

            head = seen;
        }

        if (Volatile.Read(ref _status) == Idle && TryHold())
        {
            ThreadPoolDispatcher.Instance.Schedule(this);
        }
    }

    /// <summary>
    /// Keeps everyone else from sending until <see cref="Execute"/>; false when somebody is at it.
    /// </summary>
    internal bool TryHold() => Interlocked.CompareExchange(ref _status, Owned, Idle) == Idle;

    /// <summary>Sends all that waits; the caller holds the writer, and no longer does afterwards.</summary>
    public void Execute()
    {
        do
        {
            while (FillBatch())
            {
                if (!Send())
                {
                    return;
                }

                FinishBatch();
            }

            _batch.ReturnArena();

            // A full fence: who pushed while the writer was still held is seen by the look that follows.
            Interlocked.Exchange(ref _status, Idle);
        }
        while (Volatile.Read(ref _answered) is not null && TryHold());
    }

    /// <summary>
    /// The connection is over: answers that come later are dropped and their payloads released.
    /// </summary>
    public void Dispose() => _send.Dispose();

    private bool FillBatch()
    {
        while (true)
        {
            _taken ??= TakeAnswered();
            if (_taken is not { } request)
            {
                break;
            }

            if (!_broken && !_encoder.TryEncode(request, _batch))
            {
                break;
            }

            _taken = request.Next;
            request.Next = _encoded;
            _encoded = request;
        }

        _batch.Close();
        if (_batch.IsEmpty && _taken is not null)
        {
            throw new InvalidOperationException(
                $"the {_taken.Header.Command} answer does not fit an empty batch");
        }

        return !_batch.IsEmpty || _encoded is not null;
    }

    private NbdRequest? TakeAnswered()
    {
        NbdRequest? newest = Interlocked.Exchange(ref _answered, null);
        NbdRequest? oldest = null;
        while (newest is not null)
        {
            NbdRequest? next = newest.Next;
            newest.Next = oldest;
            oldest = newest;
            newest = next;
        }

        return oldest;
    }

    /// <summary>Sends the batch; false when the rest of the work is done by the completion.</summary>
    private bool Send()
    {
        while (!_broken && _batch.Segments.Count > 0)
        {
            try
            {
                SetBuffers();
                _gauge.Client.BeginSend();
                if (_socket.SendAsync(_send))
                {
                    return false;
                }
            }
            catch (ObjectDisposedException)
            {
                _send.SocketError = SocketError.OperationAborted;
            }

            TakeResult();
        }

        return true;
    }

    private void SetBuffers()
    {
        if (_batch.Segments.Count == 1)
        {
            // One piece needs no list, no handles and no scatter-gather call.
            ArraySegment<byte> only = _batch.Segments[0];
            _send.BufferList = null;
            _send.SetBuffer(only.Array, only.Offset, only.Count);
        }
        else
        {
            _send.SetBuffer(null, 0, 0);
            _send.BufferList = _batch.Segments;
        }
    }

    private void OnSent(object? sender, SocketAsyncEventArgs args)
    {
        TakeResult();
        if (Send())
        {
            FinishBatch();
            Execute();
        }
    }

    private void TakeResult()
    {
        bool sent = _send.SocketError == SocketError.Success;
        _gauge.Client.EndSend(sent ? _send.BytesTransferred : 0);
        if (sent)
        {
            _batch.Advance(_send.BytesTransferred);
        }
        else
        {
            _broken = true;
            _owner.Abort($"sending failed: {_send.SocketError}");
        }
    }

    /// <summary>The batch is sent or lost: its memory goes back, and the reader may read on.</summary>
    private void FinishBatch()
    {
        _batch.Clear();
        int count = 0;
        long bytes = 0;
        for (NbdRequest? request = _encoded; request is not null;)
        {
            NbdRequest? next = request.Next;
            request.Next = null;
            request.ReleaseData();
            count++;
            bytes += request.BudgetBytes;
            request = next;
        }

        _encoded = null;
        if (count > 0)
        {
            _gauge.Leave(count, bytes);
        }
    }
}
