using Replication.Actors;
using Replication.Actors.Disk;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// What makes a replica's changes durable: one lane for the raw file and one for the sidecar, running
/// beside each other. A sync that fails is never taken up again for those who waited (P12); they and
/// whoever waited for the other file's half are handed to <paramref name="failed"/>.
/// </summary>
internal sealed class ReplicaSyncs(
    LoadedReplica replica, IActorRef owner, Action<SyncWait> finished, Action<SyncFailure> failed)
{
    private readonly SidecarWriter _writer = new(replica.Sidecar, replica.SidecarFile, owner);
    private readonly SyncLane _dataLane = new();
    private readonly SyncLane _sidecarLane = new();

    // A page cache left dirty by an earlier process is this one's to sync.
    private bool _dataChanged = true;

    /// <summary>Syncs of the raw file in this life.</summary>
    internal RoundCount DataSyncs { get; } = new();

    /// <summary>Something has changed since the last syncs began.</summary>
    internal bool IsDirty => _dataChanged || replica.Sidecar.IsDirty;

    /// <summary>A write has ended, however it did: the next flush has to sync the raw file.</summary>
    internal void DataChanged() => _dataChanged = true;

    /// <summary>
    /// Data and sidecar as they are now become durable; the wait is finished at once if they already are.
    /// </summary>
    internal void JoinBoth(SyncWait wait)
    {
        bool data = _dataLane.TryJoin(wait, _dataChanged);
        bool sidecar = _sidecarLane.TryJoin(wait, replica.Sidecar.IsDirty);
        FinishOrRun(wait, data || sidecar);
    }

    /// <summary>
    /// The header as it is now becomes durable; the wait is finished at once if it already is.
    /// </summary>
    internal void JoinHeader(SyncWait wait) =>
        FinishOrRun(wait, _sidecarLane.TryJoin(wait, replica.Sidecar.IsHeaderDirty));

    /// <summary>The sidecar as it is now becomes durable; finished at once if it already is.</summary>
    internal void JoinAll(SyncWait wait) =>
        FinishOrRun(wait, _sidecarLane.TryJoin(wait, replica.Sidecar.IsDirty));

    /// <summary>
    /// The hot marks as they are now become durable, without the stamps and header that can wait.
    /// </summary>
    internal void JoinMarks(SyncWait wait) =>
        FinishOrRun(wait, _sidecarLane.TryJoin(wait, replica.Sidecar.Hot.Dirty.Count > 0));

    internal void OnDataSynced(DataSync sync)
    {
        List<SyncWait> served = _dataLane.End();
        if (sync.Errno != 0)
        {
            _dataChanged = true;
            Lose("the sync of the raw file", sync.Errno, served, _dataLane, _sidecarLane);
        }
        else
        {
            DataSyncs.Succeed();
            Serve(served);
        }

        Run();
    }

    internal void OnSidecarIo(SidecarIo io)
    {
        if (!_writer.Complete(io))
        {
            return;
        }

        List<SyncWait> served = _sidecarLane.End();
        if (_writer.Errno != 0)
        {
            Lose("writing the sidecar", _writer.Errno, served, _sidecarLane, _dataLane);
        }
        else
        {
            Serve(served);
        }

        Run();
    }

    private void FinishOrRun(SyncWait wait, bool waits)
    {
        if (waits)
        {
            Run();
        }
        else
        {
            finished(wait);
        }
    }

    private void Serve(List<SyncWait> served)
    {
        foreach (SyncWait wait in served)
        {
            wait.LanesLeft--;
            if (wait.LanesLeft == 0 && !wait.HasFailed)
            {
                finished(wait);
            }
        }
    }

    /// <summary>
    /// All who wait on the failed lane fail, and of the other lane those whose requests cannot be vouched for
    /// any more; an open there goes on, since it begins a new incarnation anyway.
    /// </summary>
    private void Lose(string what, int errno, List<SyncWait> served, SyncLane lane, SyncLane other)
    {
        List<SyncWait> lost = [.. served, .. lane.TakeAll()];
        foreach (SyncWait wait in other.Waits)
        {
            if (wait.Purpose is not (SyncPurpose.Open or SyncPurpose.Lazy))
            {
                lost.Add(wait);
            }
        }

        failed(new SyncFailure(what, errno, lost));
    }

    private void Run()
    {
        if (!_dataLane.IsRunning && _dataLane.HasNext)
        {
            _dataLane.Begin();
            DataSyncs.Begin();
            _dataChanged = false;
            replica.Data.Submit(new DataSync(owner));
        }

        if (!_sidecarLane.IsRunning && _sidecarLane.HasNext)
        {
            bool marksOnly = _sidecarLane.NextIsMarksOnly;
            _sidecarLane.Begin();
            if (!_writer.Start(marksOnly))
            {
                Serve(_sidecarLane.End());
            }
        }
    }
}
