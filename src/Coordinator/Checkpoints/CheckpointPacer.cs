using Replication.Actors.Timing;
using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Checkpoints;

/// <summary>
/// Decides when the owner flushes on its own: a while after the first change since the last time, or when the
/// hot marks need room (P7, P16). One at a time. Runs within the volume's actor.
/// </summary>
internal sealed class CheckpointPacer(ITimers timers, VolumeSettings settings, ChangeLedger ledger)
{
    private static readonly object Timer = new();

    private bool _isTimed;
    private bool _isDue;
    private bool _isUnderWay;

    /// <summary>True when one is to be sent.</summary>
    /// <param name="isCrowded">Requests wait for room for their marks.</param>
    internal bool IsWanted(bool isCrowded) => !_isUnderWay
        && (_isDue || ledger.Zones.IsHalfFull || (isCrowded && ledger.Zones.CanGainFrom(ledger.Checkpoint)));

    /// <summary>Something was changed.</summary>
    internal void OnMarked()
    {
        if (!_isTimed)
        {
            _isTimed = true;
            timers.StartSingle(Timer, new CheckpointTick(), settings.CheckpointInterval);
        }
    }

    internal void OnTick()
    {
        _isTimed = false;
        _isDue = ledger.Zones.Count > 0;
    }

    internal void OnSent()
    {
        _isUnderWay = true;
        _isDue = false;
    }

    /// <summary>It is over, well or not; what it could not cover is for the next one.</summary>
    internal void OnEnded()
    {
        _isUnderWay = false;
        if (ledger.Zones.Count > 0)
        {
            OnMarked();
        }
    }
}

/// <summary>A checkpoint is due.</summary>
internal sealed record CheckpointTick : DeskTick;
