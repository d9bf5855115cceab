using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Requests;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>Where a volume stands, and what follows from it for requests and for the status.</summary>
internal sealed class VolumeState
{
    /// <summary>The stages of a volume's life.</summary>
    private enum Stage
    {
        /// <summary>The epoch is being raised, the children opened; requests wait.</summary>
        Opening,

        /// <summary>
        /// Too few children know everything: the others are copied to, clients' requests fail (P12 b).
        /// </summary>
        Recovering,

        /// <summary>Requests are served while every Synced child can be reached.</summary>
        Serving,

        /// <summary>It has stopped until the gateway is restarted.</summary>
        Failed,

        /// <summary>What is under way finishes, then it ends.</summary>
        Closing,
    }

    private Stage _stage = Stage.Opening;

    // What Trouble is about, and so the condition: both stay those of the stage before until the next one is
    // worked out, which waits while the record changes.
    private Stage _told = Stage.Opening;
    private bool _isStopped;

    /// <summary>What is wrong, in a sentence; null when nothing is.</summary>
    internal string? Trouble { get; private set; }

    /// <summary>Why an administrator's command cannot be carried out while it does not serve.</summary>
    internal string NotServing => "the volume does not serve: "
        + (Trouble ?? (IsClosing ? "it is closing" : "it is being opened"));

    /// <summary>
    /// Where this owner saw the children of a blkverify volume differ, in words; null when it did not.
    /// </summary>
    internal string? Difference { get; set; }

    /// <summary>Reads that found no winner, in all of this owner's epochs; null: none.</summary>
    internal ReadsWithoutWinner? ReadsWithoutWinner { get; private set; }

    /// <summary>What requests run on, the owner's alone while it recovers; null while none can.</summary>
    internal VolumeView? View { get; private set; }

    internal bool IsOpening => _stage == Stage.Opening;

    internal bool IsRecovering => _stage == Stage.Recovering;

    internal bool IsServing => _stage == Stage.Serving;

    internal bool IsFailed => _stage == Stage.Failed;

    internal bool IsClosing => _stage == Stage.Closing;

    /// <summary>Failed or closing: no child is opened any more.</summary>
    internal bool IsOver => IsFailed || IsClosing;

    /// <summary>Requests of clients are served now.</summary>
    internal bool CanServe => IsServing && View is not null;

    internal void Open() => Enter(Stage.Opening, trouble: null);

    /// <summary>The opening cannot go on for now; requests fail until it can.</summary>
    internal void HoldUpOpening(string trouble, VolumeRecord record)
    {
        _isStopped = record.Stopped;
        Trouble = _isStopped ? StopWords(trouble) : trouble;
    }

    internal void BeginServing() => Begin(Stage.Serving);

    internal void BeginRecovering() => Begin(Stage.Recovering);

    internal void Fail(string trouble) => Enter(Stage.Failed, trouble);

    internal void Close() => Enter(Stage.Closing, Trouble);

    /// <summary>
    /// Serves when every child recorded Synced can be reached and they are no fewer than the threshold (I6).
    /// </summary>
    internal void Serve(ChildTable children, VolumeRecord record)
    {
        _told = Stage.Serving;
        _isStopped = record.Stopped;
        if (_isStopped)
        {
            View = null;
            Trouble = StopWords(children.Trouble());
            return;
        }

        int reached = children.OpenSyncedCount;
        bool canServe = children.AllSyncedOpen && reached >= record.Options.Threshold
            && children.HaveCopies(record.Serial);
        View = canServe ? children.MakeView(record) : null;
        Trouble = canServe
            ? null
            : $"{reached} of {record.SyncedCount} children in sync can be reached, "
                + $"{record.Options.Threshold} are needed: waiting for {children.Missing(ChildState.Synced)}";
    }

    /// <summary>Copies from the children that know everything, while all of them can be reached.</summary>
    internal void Recover(ChildTable children, VolumeRecord record, bool areSourcesOpen)
    {
        _told = Stage.Recovering;
        View = areSourcesOpen && children.HaveCopies(record.Serial)
            ? children.MakeView(record) with { IsSource = true }
            : null;
        string missing = children.Missing(ChildState.Synced, ChildState.Lapsed, ChildState.Stale);
        Trouble = $"{children.OpenSyncedCount} of {record.Children.Length} children know every write, "
            + $"{record.Options.Threshold} are needed: the others are copied to from them"
            + (missing.Length == 0 ? "" : $"; waiting for {missing}");
        _isStopped = record.Stopped;
        if (_isStopped)
        {
            View = null;
            Trouble = StopWords(Trouble);
        }
    }

    /// <summary>One more read has failed for want of a winner.</summary>
    internal void CountReadWithoutWinner((long OffsetBytes, long LengthBytes) range, DateTimeOffset now) =>
        ReadsWithoutWinner = new(
            (ReadsWithoutWinner?.Count ?? 0) + 1, now, range.OffsetBytes, range.LengthBytes);

    internal VolumeStatus StatusOf(VolumeRecord record, ChildTable children, long unreconciledBytes)
    {
        string? reason = ReasonOf(children, unreconciledBytes);
        return new(
            record.Name,
            record.Id,
            record.SizeBytes,
            record.Options,
            record.Epoch,
            ConditionBy(reason),
            reason,
            unreconciledBytes,
            children.Statuses())
        {
            Exports = record.Exports,
        };
    }

    /// <summary>What becomes of requests.</summary>
    /// <param name="isHeld">True while the record changes or requests have to end.</param>
    internal Gate GateWhile(bool isHeld) => _stage switch
    {
        Stage.Failed => Refusal(),
        Stage.Closing => new Gate.Refuse(new RangeFailed(Errno.Shutdown, "the volume is closing")),
        _ when isHeld => new Gate.Hold(),
        Stage.Opening => Trouble is null ? new Gate.Hold() : Refusal(),
        Stage.Recovering => Refusal() with { Copies = View },
        _ => View is null ? Refusal() : new Gate.Serve(View),
    };

    /// <summary>Follows from the reason, so that neither is ahead of the other.</summary>
    private VolumeCondition ConditionBy(string? reason) => _told switch
    {
        Stage.Failed => VolumeCondition.Failed,
        Stage.Opening when Trouble is null => VolumeCondition.Opening,
        _ when _isStopped => VolumeCondition.Stopped,
        Stage.Serving when View is not null =>
            reason is null ? VolumeCondition.Healthy : VolumeCondition.Degraded,
        _ => VolumeCondition.Suspended,
    };

    private string? ReasonOf(ChildTable children, long unreconciledBytes) => _told switch
    {
        Stage.Closing => "the volume is closing",
        _ when (Trouble ?? children.Trouble()) is { } trouble => trouble,
        Stage.Opening => "its children are being opened",
        _ when unreconciledBytes > 0 => $"{unreconciledBytes} bytes are to be reconciled: reads of them wait",
        _ => null,
    };

    /// <summary>Blkverify found a difference: nothing runs, the owner's own requests neither.</summary>
    private string StopWords(string? trouble) =>
        $"blkverify found a difference{(Difference is null ? "" : $": {Difference}")}; "
        + "nothing is served until the volume is reopened" + (trouble is null ? "" : $"; {trouble}");

    /// <summary>The next <see cref="Serve"/> or <see cref="Recover"/> says how it is doing.</summary>
    private void Begin(Stage stage)
    {
        _stage = stage;
        View = null;
    }

    private void Enter(Stage stage, string? trouble)
    {
        _stage = stage;
        _told = stage;
        Trouble = trouble;
        View = null;
        _isStopped = false;
    }

    private Gate.Refuse Refusal() =>
        new(new RangeFailed(Errno.InputOutput, Trouble ?? "the volume cannot serve"));
}
