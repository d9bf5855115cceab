using System.Collections.Concurrent;
using Replication.Actors.Logging;

namespace Replication.Actors.Remoting.Links;

/// <summary>
/// Refs without an actor, such as Ask's, that wait for one answer from another system. Each message sent gets
/// a number of its own (the top bit says what it is), good for one answer or until its time is over. Bounded:
/// when full, the other side sees no sender. Any thread.
/// </summary>
internal sealed class EdgeSenders(ActorSystem system)
{
    private const ulong EdgeBit = 1UL << 63;

    private readonly ConcurrentDictionary<ulong, (CallbackRef Sender, long SentTimestamp)> _waiting = new();
    private long _lastId;
    private int _count;

    internal static bool IsEdge(ulong id) => (id & EdgeBit) != 0;

    internal ulong Expose(CallbackRef sender)
    {
        if (Interlocked.Increment(ref _count) > RemotingLimits.EdgeSendersMax)
        {
            Interlocked.Decrement(ref _count);
            system.Log.Debug(
                RemotingContext.LogSource, "too many asks are under way: one is sent without a sender");
            return 0;
        }

        ulong id = (ulong)Interlocked.Increment(ref _lastId) | EdgeBit;
        _waiting[id] = (sender, system.Options.Time.GetTimestamp());
        return id;
    }

    internal CallbackRef? Take(ulong id)
    {
        if (!_waiting.TryRemove(id, out (CallbackRef Sender, long SentTimestamp) entry))
        {
            return null;
        }

        Interlocked.Decrement(ref _count);
        return entry.Sender;
    }

    /// <summary>
    /// Forgets those whose time is over. The order does not matter: each is decided on its own.
    /// </summary>
    internal void Sweep()
    {
        TimeProvider time = system.Options.Time;
        long now = time.GetTimestamp();
        foreach ((ulong id, (CallbackRef _, long sentTimestamp)) in _waiting)
        {
            if (time.GetElapsedTime(sentTimestamp, now) > RemotingLimits.EdgeSenderLifetime)
            {
                Take(id);
            }
        }
    }
}
