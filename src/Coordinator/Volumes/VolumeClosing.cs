using Replication.Actors;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// The end of a volume: its replicas are told to close, and when they have, or child-timeout has passed,
/// everyone who asked is told. Runs within the volume's actor.
/// </summary>
internal sealed class VolumeClosing(IActorContext volume, ChildTable children, string volumeName)
{
    private static readonly object TimeoutTimer = new();

    private readonly List<IActorRef> _closers = [];

    /// <summary>True from the moment the replicas are told.</summary>
    internal bool IsUnderWay { get; private set; }

    /// <summary>Somebody asked for the close.</summary>
    internal void Add(IActorRef closer) => _closers.Add(closer);

    /// <summary>Nothing is under way any more.</summary>
    internal void CloseChildren(TimeSpan timeout, ulong checkpoint)
    {
        IsUnderWay = true;
        volume.Timers.StartSingle(TimeoutTimer, new CloseTick(), timeout);
        children.CloseAll(checkpoint, volume.Self);
        FinishWhenDone();
    }

    /// <summary>A replica has answered its close, one way or the other.</summary>
    internal void OnClosed(int tag)
    {
        children.SetClosed(tag);
        FinishWhenDone();
    }

    /// <summary>A replica is gone before it could answer.</summary>
    internal void OnLost(ChildSlot slot, string reason)
    {
        children.SetLostWhileClosing(slot, reason);
        FinishWhenDone();
    }

    /// <summary>Tells everyone who asked, and stops the volume.</summary>
    internal void Finish()
    {
        foreach (IActorRef closer in _closers)
        {
            closer.Tell(new VolumeClosed(volumeName), volume.Self);
        }

        _closers.Clear();
        volume.Stop(volume.Self);
    }

    private void FinishWhenDone()
    {
        if (IsUnderWay && !children.IsAnyClosing)
        {
            Finish();
        }
    }
}

/// <summary>Replicas have had their time to close.</summary>
internal sealed record CloseTick;
