using Replication.Model.State;
using Replication.Model.Steps;

namespace Replication.Model.Search;

/// <summary>A step as a sentence.</summary>
internal static class StepText
{
    /// <summary>
    /// Tells a step that led to <paramref name="after"/>; <paramref name="names"/> are the children's.
    /// </summary>
    public static string Of(in Step step, in World after, ReadOnlySpan<int> names)
    {
        var owner = step.Owner < 0 ? "" : step.Owner == 0 ? "owner A" : "owner B";
        var child = step.Child < 0 ? "" : $"child {names[step.Child]}";
        var value = step.Value switch
        {
            World.Rot => "the rotten bytes",
            0 => "the first bytes",
            _ => $"w{step.Value}",
        };
        var words = new Words(owner, child, $"block {step.Block}", value, Record(after, names));
        var late = step.Child >= 0 && after.Children[step.Child].LateValue != 0;
        var sentence = OfRequests(step, words, late) ?? OfFaults(step, words) ?? OfOwners(step, words)
            ?? throw new InvalidOperationException($"no sentence for {step.Kind}");
        return after.Broken == 0 ? sentence : $"{sentence}: {(Invariant)after.Broken} is broken";
    }

    private static readonly string[] Unsynced = ["block 0", "block 1", "stamp 0", "stamp 1", "the hot mark"];

    /// <summary>The words that sentences are made of.</summary>
    private sealed record Words(string Owner, string Child, string Block, string Value, string Record);

    private static string? OfRequests(in Step s, Words w, bool late) =>
        s.Kind switch
        {
            StepKind.StartWrite => $"{w.Owner}: a client's write {w.Value} to {w.Block} is sent",
            StepKind.ApplyWrite => $"{w.Child}: {w.Value} is applied to {w.Block} and answered to {w.Owner}",
            StepKind.TimeOutWrite => $"{w.Owner}: {w.Value} to {w.Block} times out or is refused at {w.Child}"
                + (late ? "; it is still under way there" : ""),
            StepKind.TimeOutIdle => $"{w.Owner}: a request to {w.Child} times out; the session is given up",
            StepKind.Acknowledge => $"{w.Owner}: {w.Value} to {w.Block} is complete and acknowledged",
            StepKind.FailWrite => $"{w.Owner}: {w.Value} to {w.Block} fails; the block is to be reconciled",
            StepKind.StartReconcile => $"{w.Owner}: reconciles {w.Block} with {w.Value}",
            StepKind.Read when s.Value < 0 => $"{w.Owner}: reads {w.Block}; a child votes that lacks a write",
            StepKind.Read or StepKind.EndRead => $"{w.Owner}: a read of {w.Block} returns {w.Value}",
            StepKind.Repair => $"{w.Owner}: a read of {w.Block} returns {w.Value} and rewrites the losers",
            StepKind.StartRead => $"{w.Owner}: a read of {w.Block} begins",
            StepKind.AnswerRead => $"{w.Child}: answers {w.Value} to the read of {w.Block}",
            StepKind.GiveUpRead => $"{w.Owner}: the read of {w.Block} fails",
            StepKind.StartFlush => $"{w.Owner}: a flush begins, with checkpoint {Stamp(s.Value)}",
            StepKind.SyncChild => $"{w.Child}: syncs for the flush of {w.Owner}",
            StepKind.EndFlush => $"{w.Owner}: the flush is acknowledged",
            StepKind.GiveUpFlush => $"{w.Owner}: the flush fails",
            StepKind.OpenStale => $"{w.Owner}: opens {w.Child} to resync {Blocks(s.Value)}",
            StepKind.Copy => $"{w.Owner}: copies {w.Value} of {w.Block} to {w.Child}",
            StepKind.CopyLate => $"{w.Owner}: the copy of {w.Value} of {w.Block} to {w.Child} times out; "
                + "it is still under way there",
            _ => null,
        };

    private static string? OfFaults(in Step s, Words w) =>
        s.Kind switch
        {
            StepKind.ClearHot => $"{w.Child}: clears its hot mark",
            StepKind.OwnSync => $"{w.Child}: syncs while it is resynced and clears its hot mark",
            StepKind.LosePower => $"{w.Child}: loses power{Reached(s.Value)}",
            StepKind.FailSync => $"{w.Child}: a sync fails, its incarnation ends{Reached(s.Value)}",
            StepKind.WriteBack => $"{w.Child}: writes back {Unsynced[s.Value]}",
            StepKind.StartChild => $"{w.Child}: starts again",
            StepKind.ApplyLate => $"{w.Child}: the late {w.Value} is applied to {w.Block}",
            StepKind.DropLate => $"{w.Child}: the late {w.Value} to {w.Block} is lost",
            StepKind.Rot => $"{w.Child}: {w.Block} rots",
            StepKind.StopOwner => $"{w.Owner}: is killed",
            StepKind.Depose => $"{w.Owner}: learns that it is deposed and stops",
            _ => null,
        };

    private static string? OfOwners(in Step s, Words w) =>
        s.Kind switch
        {
            StepKind.RecordOut => $"{w.Owner}: records those that are out Stale{w.Record}",
            StepKind.RecordOutUnknown => $"{w.Owner}: sends a change, those that are out Stale; no answer",
            StepKind.Land => $"the store: the change of {w.Owner} lands{w.Record}",
            StepKind.Learn => $"{w.Owner}: learns that its change landed",
            StepKind.RetrySame => $"{w.Owner}: makes its change once more and knows it made{w.Record}",
            StepKind.RetryOld => $"{w.Owner}: overtakes its change, which cannot land now{w.Record}",
            StepKind.TakeOver => $"{w.Owner}: takes over with epoch {s.Value}",
            StepKind.Open => $"{w.Owner}: opens {w.Child}, {(s.Value == 1 ? "" : "not ")}continuous",
            StepKind.NoticeLost => $"{w.Owner}: sees that {w.Child} lost its incarnation{w.Record}",
            StepKind.NoticeBelow => $"{w.Owner}: sees that {w.Child} lost its incarnation; it suspends",
            StepKind.ReopenLost => $"{w.Owner}: opens {w.Child}, which lost its incarnation, and goes on",
            StepKind.OpenAgain => $"{w.Owner}: reaches {w.Child} and opens all anew",
            StepKind.DropLink => $"{w.Owner}: is refused by {w.Child} and gives the session up",
            StepKind.GoOnContinuous => $"{w.Owner}: goes on with the continuous children{w.Record}",
            StepKind.GoOnSuspended => $"{w.Owner}: stays suspended until the Lapsed are resynced{w.Record}",
            StepKind.GoOnLost => $"{w.Owner}: goes on with all alike and reconciles hot zones{w.Record}",
            StepKind.Settle => $"{w.Owner}: has settled; its Synced children are continuous",
            StepKind.Welcome => $"{w.Owner}: sets the continuous flag of {w.Child}",
            StepKind.Promote => $"{w.Owner}: promotes {w.Child}{w.Record}",
            StepKind.PromoteUnknown => $"{w.Owner}: sends a change that promotes {w.Child}; no answer",
            _ => null,
        };

    private static string Stamp(int stamp) => $"{stamp / World.StampsOfEpoch}.{stamp % World.StampsOfEpoch}";

    private static string Blocks(int mask) =>
        mask switch { 0 => "nothing", 1 => "block 0", 2 => "block 1", _ => "both blocks" };

    private static string Reached(int reached)
    {
        var parts = new List<string>();
        for (var i = 0; i < Unsynced.Length; i++)
        {
            if ((reached & (1 << i)) != 0)
            {
                parts.Add(Unsynced[i]);
            }
        }

        return parts.Count == 0
            ? "; nothing unsynced survives"
            : $"; of what was unsynced {string.Join(", ", parts)} survives";
    }

    private static string Record(in World after, ReadOnlySpan<int> names)
    {
        var parts = new List<string>();
        for (var name = 1; name <= 4; name++)
        {
            var child = after.Children[names.IndexOf(name)];
            if (child.Fence != 0)
            {
                parts.Add(child.Recorded switch
                {
                    ChildState.Synced => $"{name} Synced",
                    ChildState.Lapsed => $"{name} Lapsed",
                    _ => $"{name} Stale",
                });
            }
        }

        return $" (record: {string.Join(", ", parts)})";
    }
}
