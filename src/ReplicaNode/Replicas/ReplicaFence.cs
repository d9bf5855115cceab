using Replication.Messages;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// Who may use the replica: the highest epoch and session accepted, and the incarnation that the session
/// was given (P8, P9). Pure state; the caller makes a raised epoch durable before it answers the open.
/// </summary>
internal sealed class ReplicaFence(uint epoch)
{
    /// <summary>The highest epoch accepted.</summary>
    internal uint Epoch { get; private set; } = epoch;

    /// <summary>The highest session of <see cref="Epoch"/> in this process; 0 before the first.</summary>
    internal uint Session { get; private set; }

    /// <summary>
    /// This life of the replica; 0 when the last one has ended and no open has begun another.
    /// </summary>
    internal ulong Incarnation { get; private set; }

    /// <summary>True from the answer to an open until the session is closed, superseded or lost.</summary>
    internal bool IsOpen { get; private set; }

    /// <summary>
    /// Accepts an owner's session, from which moment all lower ones are refused; false, changing nothing,
    /// when this one is itself not higher than all before.
    /// </summary>
    internal bool TryAccept(uint epoch, uint session)
    {
        if (epoch < Epoch || session == 0 || (epoch == Epoch && session <= Session))
        {
            return false;
        }

        Epoch = epoch;
        Session = session;
        IsOpen = false;
        return true;
    }

    /// <summary>Gives the replica a new life unless one goes on; ids of 0 are not used.</summary>
    internal void BeginIncarnation(Func<ulong> nextId)
    {
        while (Incarnation == 0)
        {
            Incarnation = nextId();
        }
    }

    /// <summary>The accepted session may send requests.</summary>
    internal void Open() => IsOpen = true;

    /// <summary>Nothing more is taken from the session.</summary>
    internal void Close() => IsOpen = false;

    /// <summary>A sync failed: what was not synced may be lost, so this life is over (P12).</summary>
    internal void EndIncarnation()
    {
        Incarnation = 0;
        IsOpen = false;
    }

    /// <summary>
    /// Null when the ticket is the open session's own, else why it is refused: epoch before incarnation.
    /// </summary>
    internal ReplicaRefusal? Check(ReplicaTicket ticket)
    {
        if (ticket.Epoch < Epoch || (ticket.Epoch == Epoch && ticket.Session < Session))
        {
            return ReplicaRefusal.StaleEpoch;
        }

        bool isOwn = IsOpen
            && ticket.Epoch == Epoch
            && ticket.Session == Session
            && ticket.Incarnation == Incarnation;
        return isOwn ? null : ReplicaRefusal.WrongIncarnation;
    }
}
