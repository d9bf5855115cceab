using Replication.Messages;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// Lets changes through to the disk once the marks of their zones are durable (P7), and keeps the number of
/// marks within bounds. A change of marked zones passes at once. One that needs a mark waits for a round of
/// the sidecar, which it shares with all who ask before the round begins; at
/// <see cref="ReplicaLimits.HotZonesMax"/> it first waits in line until marks have gone. Whoever waits counts
/// as a request under way of its session (P9), and is refused when that ends.
/// </summary>
internal sealed class HotGate(
    SidecarState sidecar,
    ReplicaStanding standing,
    ReplicaSyncs syncs,
    SessionCount session,
    Action<AskedRequest> carryOut)
{
    private readonly HotZones _zones = new(sidecar, syncs.DataSyncs);

    // In order of arrival; bounded by the requests that a replica takes on at a time.
    private readonly Queue<AskedRequest> _line = new();
    private bool _isMakingRoom;
    private bool _isSweeping;

    /// <summary>
    /// The session is closing: nobody flushes for those in line any more, and they need not wait.
    /// </summary>
    internal bool IsClosing { get; set; }

    /// <summary>A sweep is due at once: somebody waits for room, or soon will.</summary>
    internal bool NeedsRoom => _line.Count > 0 || sidecar.Hot.OwnCount > ReplicaLimits.HotZonesMax / 2;

    /// <summary>A change is to be carried out.</summary>
    internal void Start(in AskedRequest asked)
    {
        if (HasRoom(asked.Request, behindLine: true))
        {
            Enter(asked);
        }
        else
        {
            _line.Enqueue(asked);
        }

        MakeRoomWhenNeeded();
    }

    /// <summary>The round that a change waited for has passed.</summary>
    internal void OnMarked(SyncWait wait)
    {
        if (!_zones.AreDurable(ReplicaChange.Of(wait.Asked.Request)))
        {
            throw new InvalidOperationException("a round of hot marks passed without the marks it was for");
        }

        carryOut(wait.Asked);
    }

    /// <summary>A change that was carried out has ended, or one that waited will not be.</summary>
    internal void Leave(ReplicaRequest request) => _zones.Leave(ReplicaChange.Of(request));

    /// <summary>
    /// A change that waited for its marks is refused. Its zones wait for the next sync of the data, though
    /// nothing of it was written: there has to be one, or they would stay hot.
    /// </summary>
    internal void Abandon(ReplicaRequest request)
    {
        syncs.DataChanged();
        Leave(request);
    }

    /// <summary>
    /// Clears what marks may go and lets those in line through; true when any mark was cleared.
    /// </summary>
    internal bool Sweep()
    {
        if (_isSweeping)
        {
            return false;
        }

        _isSweeping = true;
        bool cleared = _zones.Sweep(standing);
        while (_line.TryPeek(out AskedRequest first) && HasRoom(first.Request, behindLine: false))
        {
            _line.Dequeue();
            Enter(first);
        }

        _isSweeping = false;
        return cleared;
    }

    /// <summary>The replica's own syncs for room have ended, well or not.</summary>
    internal void RoomMade() => _isMakingRoom = false;

    /// <summary>
    /// A target makes room by itself: nobody else knows how many zones its copies touch, and its own sync is
    /// enough for a mark to go. A holder's owner sends checkpoints well before the bound.
    /// </summary>
    internal void MakeRoomWhenNeeded()
    {
        if (standing.Role != ReplicaRole.Target || !NeedsRoom || _isMakingRoom)
        {
            return;
        }

        if (syncs.IsDirty)
        {
            _isMakingRoom = true;
            syncs.JoinBoth(new SyncWait(SyncPurpose.Room, opening: 0));
        }
        else
        {
            Sweep();
        }
    }

    /// <summary>Takes the first one in line in order to refuse it.</summary>
    internal bool TryDropWaiting(out AskedRequest first) => _line.TryDequeue(out first);

    /// <summary>The incarnation has ended (P8).</summary>
    internal void EndLife() => _zones.EndLife();

    /// <summary>
    /// One large zeroing may need more marks than there may be: it is let in when half of them are free.
    /// </summary>
    private bool HasRoom(ReplicaRequest request, bool behindLine)
    {
        const int Max = ReplicaLimits.HotZonesMax;
        int own = sidecar.Hot.OwnCount;
        int missing = _zones.CountMissing(ReplicaChange.Of(request));
        return missing == 0
            || !standing.ClearsMarks
            || IsClosing
            || ((!behindLine || _line.Count == 0) && (own + missing <= Max || own <= Max / 2));
    }

    private void Enter(in AskedRequest asked)
    {
        if (_zones.Enter(ReplicaChange.Of(asked.Request)))
        {
            carryOut(asked);
            return;
        }

        syncs.JoinMarks(new SyncWait(SyncPurpose.Marks, session.Opening)
        {
            Asked = asked,
            HeldBytes = RequestCheck.HeldBytes(asked.Request),
        });
    }
}
