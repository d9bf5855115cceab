using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Checkpoints;
using Replication.Coordinator.Reconcile;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Resync;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Observing;

/// <summary>
/// Makes the reports of one volume's requests. Only a request with which something was wrong costs an
/// allocation. Runs within the volume's actor.
/// </summary>
internal sealed class RequestReporter(
    IRequestObserver observer, VolumeRecord volume, ChildTable children, TimeProvider time)
{
    private uint _epoch;

    /// <summary>What does not run from now on is named by this epoch.</summary>
    internal void BeginEpoch(uint epoch) => _epoch = epoch;

    /// <summary>A request that ran is over.</summary>
    internal void OnEnded(LiveRequest live, RequestEnded ended) =>
        Report(live, ended.Failure, ended.AnsweredAt, ChildrenOf(ended));

    /// <summary>A request was answered without having run.</summary>
    internal void OnRefused(LiveRequest live, RangeFailed refusal)
    {
        live.StartedAt = time.GetTimestamp();
        Report(live, refusal, live.StartedAt, []);
    }

    /// <summary>The volume's actor ends, and so do the requests that run: they fail.</summary>
    internal void OnCutShort(IEnumerable<LiveRequest> running)
    {
        RangeFailed stopped = new(Errno.InputOutput, "the volume stopped during the request");
        foreach (LiveRequest live in running)
        {
            Report(live, stopped, time.GetTimestamp(), []);
        }
    }

    private void Report(
        LiveRequest live, RangeFailed? failure, long answeredAt, IReadOnlyList<ChildReport> wrong)
    {
        (long offset, long length) = live.Range;
        observer.OnEnded(new RequestReport
        {
            Id = new RequestId(live.Epoch == 0 ? _epoch : live.Epoch, (ulong)live.Id),
            VolumeName = volume.Name,
            VolumeId = volume.Id,
            Kind = KindOf(live.Request),
            OffsetBytes = offset,
            LengthBytes = length,
            ArrivedAt = live.ArrivedAt,
            StartedAt = live.StartedAt,
            AnsweredAt = answeredAt,
            EndedAt = time.GetTimestamp(),
            Errno = failure?.Errno ?? 0,
            Reason = failure?.Reason,
            Children = wrong,
        });
    }

    private IReadOnlyList<ChildReport> ChildrenOf(RequestEnded ended)
    {
        if (ended.Notes.Count == 0 && ended.Faults.Count == 0 && ended.Judged.Count == 0)
        {
            return [];
        }

        SortedDictionary<int, ChildReport> found = [];
        foreach (ChildNote note in ended.Notes)
        {
            ChildReport child = Of(note.ChildIndex);
            found[note.ChildIndex] = child with
            {
                VotesLost = child.VotesLost + note.VotesLost,
                Repairs = child.Repairs + note.Repairs,
                Errors = child.Errors + note.Errors,
                RepairErrors = child.RepairErrors + note.RepairErrors,
                Errno = child.Errno == 0 ? note.Errno : child.Errno,
            };
        }

        foreach (ChildFault fault in ended.Faults.Concat(ended.Judged))
        {
            ChildReport child = Of(fault.ChildIndex);
            found[fault.ChildIndex] = child with
            {
                Errors = Math.Max(1, child.Errors),
                Errno = child.Errno == 0 ? fault.Errno : child.Errno,
                Reason = fault.Reason,
            };
        }

        return [.. found.Values];

        ChildReport Of(int index) => found.TryGetValue(index, out ChildReport? known)
            ? known
            : new ChildReport(
                index, children.Find(index)?.NodeName ?? $"children.{index}", 0, 0, 0, 0, 0, Reason: null);
    }

    private static RequestKind KindOf(RangeRequest request) => request switch
    {
        ReadRange => RequestKind.Read,
        WriteRange => RequestKind.Write,
        ZeroRange zero => zero.IsTrim ? RequestKind.Trim : RequestKind.Zero,
        FlushVolume => RequestKind.Flush,
        QueryRangeExtents => RequestKind.Extents,
        ReconcileRange => RequestKind.Reconcile,
        CheckpointVolume => RequestKind.Checkpoint,
        CopyRegion => RequestKind.Copy,
        _ => throw new InvalidOperationException($"no kind of request: {request.GetType().Name}"),
    };
}
