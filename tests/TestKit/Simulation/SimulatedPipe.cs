using Replication.Actors.Remoting.Transports;

namespace Replication.TestKit.Simulation;

/// <summary>
/// One direction of a simulated connection: chunks that arrive in order, each after a delay, none while the
/// way is cut or the other end has not started. One timer at a time, on the receiver's node, brings the first
/// of them.
/// </summary>
internal sealed class SimulatedPipe(SimulatedNetwork network, SimulatedConnection owner)
{
    private readonly Queue<Chunk> _chunks = new();
    private long _waitingBytes;
    private bool _timerRuns;
    private bool _senderWaits;

    private readonly record struct Chunk(byte[] Bytes, string? EndReason, long DueTimestamp);

    internal SendResult Send(IList<ArraySegment<byte>> segments)
    {
        byte[] bytes = new byte[segments.Sum(static segment => segment.Count)];
        int length = 0;
        foreach (ArraySegment<byte> segment in segments)
        {
            segment.AsSpan().CopyTo(bytes.AsSpan(length));
            length += segment.Count;
        }

        if (network.NextBreaks())
        {
            Break();
            return SendResult.Closed;
        }

        Add(bytes, endReason: null);
        if (_waitingBytes <= network.WindowBytes)
        {
            return SendResult.Done;
        }

        _senderWaits = true;
        return SendResult.Pending;
    }

    /// <summary>The last thing this end says; it arrives behind everything sent before.</summary>
    internal void SendEnd(string reason) => Add([], reason);

    /// <summary>Both ends hear of a reset, each on its own time; what is on its way is lost.</summary>
    internal void Break()
    {
        Drop();
        owner.Peer.Outgoing.Drop();
        const string reason = "Connection reset by peer";
        SendEnd(reason);
        owner.Peer.Outgoing.SendEnd(reason);
    }

    /// <summary>The owner has ended: nobody waits for a send to be over any more.</summary>
    internal void Abandon()
    {
        if (_senderWaits)
        {
            _senderWaits = false;
            owner.SendDone(ok: false);
        }
    }

    /// <summary>Something that held delivery up may be gone.</summary>
    internal void Wake()
    {
        SimulatedConnection target = owner.Peer;
        bool isHeld = !target.IsStarted || network.IsCut(owner.Node.Name, target.Node.Name);
        if (_timerRuns || isHeld || !_chunks.TryPeek(out Chunk next))
        {
            return;
        }

        _timerRuns = true;
        long waitTicks = Math.Max(0, next.DueTimestamp - target.Node.Time.GetTimestamp());
        target.Node.Time.CreateTimer(
            _ => DeliverFirst(), null, TimeSpan.FromTicks(waitTicks), Timeout.InfiniteTimeSpan);
    }

    /// <summary>What is on its way is lost.</summary>
    internal void Drop()
    {
        _chunks.Clear();
        _waitingBytes = 0;
    }

    private void Add(byte[] bytes, string? endReason)
    {
        long due = owner.Node.Time.GetTimestamp() + network.NextDelay().Ticks;
        _chunks.Enqueue(new Chunk(bytes, endReason, due));
        _waitingBytes += bytes.Length;
        Wake();
    }

    private void DeliverFirst()
    {
        _timerRuns = false;
        SimulatedConnection target = owner.Peer;
        if (network.IsCut(owner.Node.Name, target.Node.Name) || !_chunks.TryDequeue(out Chunk chunk))
        {
            return;
        }

        _waitingBytes -= chunk.Bytes.Length;
        if (chunk.EndReason is not null)
        {
            target.End(chunk.EndReason);
        }
        else
        {
            target.Deliver(chunk.Bytes);
        }

        ResumeSender();
        Wake();
    }

    private void ResumeSender()
    {
        if (_senderWaits && _waitingBytes <= network.WindowBytes / 2)
        {
            _senderWaits = false;
            owner.Node.Time.CreateTimer(
                _ => owner.SendDone(ok: true), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
