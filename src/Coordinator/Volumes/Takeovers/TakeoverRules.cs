using Replication.Cluster.Records;

namespace Replication.Coordinator.Volumes.Takeovers;

/// <summary>
/// Decides a takeover (P10) and what follows from lost incarnations (P12), by what is known of each child. A
/// pure function.
/// </summary>
public static class TakeoverRules
{
    /// <summary>How the takeover goes on.</summary>
    /// <param name="children">All children of the record.</param>
    /// <param name="threshold">t.</param>
    /// <param name="hasWaited">True once open-timeout has passed: nobody is waited for.</param>
    public static TakeoverDecision Decide(
        IReadOnlyList<TakeoverChild> children, int threshold, bool hasWaited)
    {
        TakeoverChild[] synced = Those(children, ChildState.Synced);
        int continuous = synced.Count(static child => child.Standing == ChildStanding.Continuous);
        if (!hasWaited && IsAnyOwing(synced))
        {
            return new TakeoverDecision.Wait();
        }

        if (continuous == 0)
        {
            return WithoutMemory(children, threshold, hasWaited);
        }

        // One that lost its data has accepted the epoch like any other: no earlier owner can use it.
        int open = synced.Count(static child => child.Standing != ChildStanding.NotOpen);
        int needed = FenceOf(children, synced.Length, threshold);
        if (open < needed)
        {
            return new TakeoverDecision.TooFew(open, synced.Length, needed);
        }

        return continuous >= threshold
            ? new TakeoverDecision.Serve(Changes(children, AfterServe))
            : new TakeoverDecision.Recover(Changes(children, AfterRecover));
    }

    /// <summary>
    /// Once t children are Synced again a volume that recovered serves: the writes that are acknowledged from
    /// then on do not wait for Lapsed children, nor for those that never opened, so they are Stale (I4).
    /// </summary>
    /// <param name="children">All children of the record.</param>
    /// <param name="promoted">The child that becomes Synced.</param>
    /// <param name="threshold">t.</param>
    public static IReadOnlyList<ChildStateChange> Promote(
        IReadOnlyList<TakeoverChild> children, int promoted, int threshold)
    {
        int serving = children.Count(child =>
            child.Index == promoted || (child.State == ChildState.Synced && IsOpen(child)));
        return Changes(children, child => child switch
        {
            _ when child.Index == promoted => ChildState.Synced,
            _ when serving < threshold => child.State,
            { State: ChildState.Lapsed } => ChildState.Stale,
            { State: ChildState.Synced } when !IsOpen(child) => ChildState.Stale,
            _ => child.State,
        });
    }

    private static TakeoverDecision WithoutMemory(
        IReadOnlyList<TakeoverChild> children, int threshold, bool hasWaited)
    {
        // A Lapsed child has every flushed write, as the Synced ones have that forgot the others.
        TakeoverChild[] holding = Those(children, ChildState.Synced, ChildState.Lapsed);
        if (!hasWaited && IsAnyOwing(holding))
        {
            return new TakeoverDecision.Wait();
        }

        int open = holding.Count(static child => IsOpen(child));
        int needed = VolumeRecord.FenceQuorumOf(holding.Length, threshold);
        return open < needed
            ? new TakeoverDecision.TooFew(open, holding.Length, needed)
            : new TakeoverDecision.StartOver(Changes(children, AfterStartOver));
    }

    /// <summary>
    /// f of S, so that no earlier owner is left with q children. With fewer Synced than the threshold, or
    /// with Lapsed ones, nobody has served since an owner that had fenced f recorded it, for whoever serves
    /// calls the Lapsed ones Stale first: one that knows everything is enough.
    /// </summary>
    private static int FenceOf(IReadOnlyList<TakeoverChild> children, int synced, int threshold) =>
        synced < threshold || children.Any(static child => child.State == ChildState.Lapsed)
            ? 1
            : VolumeRecord.FenceQuorumOf(synced, threshold);

    private static ChildState AfterServe(TakeoverChild child) => child switch
    {
        { State: ChildState.Synced, Standing: not ChildStanding.Continuous } => ChildState.Stale,
        { State: ChildState.Lapsed } => ChildState.Stale,
        _ => child.State,
    };

    /// <summary>A child that has not answered yet may still turn out to know everything.</summary>
    private static ChildState AfterRecover(TakeoverChild child) => child switch
    {
        { State: ChildState.Synced, Standing: ChildStanding.Forgetful } => ChildState.Lapsed,
        { State: ChildState.Synced or ChildState.Lapsed, Standing: ChildStanding.Lacking } =>
            ChildState.Stale,
        _ => child.State,
    };

    private static ChildState AfterStartOver(TakeoverChild child) => child.State switch
    {
        ChildState.Synced or ChildState.Lapsed => IsOpen(child) ? ChildState.Synced : ChildState.Stale,
        _ => child.State,
    };

    private static ChildStateChange[] Changes(
        IReadOnlyList<TakeoverChild> children, Func<TakeoverChild, ChildState> next) =>
    [
        .. children.Where(child => next(child) != child.State)
            .Select(child => new ChildStateChange(child.Index, next(child))),
    ];

    private static TakeoverChild[] Those(
        IReadOnlyList<TakeoverChild> children, params ReadOnlySpan<ChildState> states)
    {
        List<TakeoverChild> found = [];
        foreach (TakeoverChild child in children)
        {
            if (states.Contains(child.State))
            {
                found.Add(child);
            }
        }

        return [.. found];
    }

    private static bool IsAnyOwing(TakeoverChild[] children) =>
        children.Any(static child => child.Standing == ChildStanding.NotOpen);

    private static bool IsOpen(TakeoverChild child) =>
        child.Standing is ChildStanding.Forgetful or ChildStanding.Continuous;
}
