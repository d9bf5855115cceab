using Replication.Model.Steps;

namespace Replication.Model.Scenarios;

/// <summary>
/// Bounds to be searched with all rules in. The product of all faults is out of reach, so each search
/// combines some of them; the small ones are for every build, the large ones for <c>bash tests/model.sh
/// --all</c>.
/// </summary>
internal static class AllRules
{
    private static readonly Bounds Base = new() { Resync = true, Clearing = true };

    /// <summary>Well under a minute together; every kind of step is taken in one of them.</summary>
    public static IReadOnlyDictionary<string, Bounds> Small { get; } = new SortedDictionary<string, Bounds>
    {
        ["double-takeover"] = Base with
        {
            Children = 3, Losses = 1, Stops = 2, Takeovers = 2, Resync = false,
        },
        ["failed-syncs"] = Base with { Writes = 2, Losses = 2, Flushes = 1, FailedSyncs = true },
        ["power-and-takeover"] = Base with { Losses = 2, Stops = 1, Takeovers = 1, Flushes = 1 },
        ["power-of-four"] = Base with { Children = 4, Threshold = 2, Losses = 3 },
        ["power-of-three"] = Base with { Children = 3, Threshold = 2, Losses = 2, Flushes = 1 },
        ["read-steps"] = Base with { Writes = 2, Takeovers = 1, Split = true, ReadSteps = true },
        ["rot"] = Base with
        {
            Children = 3, Threshold = 2, Losses = 1, Stops = 1, Takeovers = 1, Rots = 1, Resync = false,
            Repair = true,
        },
        ["takeover"] = new() { Losses = 2, Stops = 1, Takeovers = 1, Resync = true },
        ["takeover-of-three"] = new()
        {
            Children = 3, Threshold = 2, Losses = 1, Outs = 1, Stops = 1, Takeovers = 1, Resync = true,
        },
        ["timeouts"] = Base with { Blocks = 2, Writes = 2, Outs = 2, IdleOuts = true, Flushes = 1 },
        ["two-writes"] = Base with { Writes = 2, Losses = 2, Flushes = 1, WriteBack = true },
        ["two-blocks"] = Base with { Blocks = 2, Writes = 2, Losses = 1, Outs = 1, Concurrent = true },
        ["unknown-outcomes"] = Base with { Writes = 2, Losses = 1, Outs = 1, Unknowns = 1 },
    };

    /// <summary>The small ones of which it is also checked that every state can recover (I8).</summary>
    public static IReadOnlyList<string> Recovering { get; } =
        ["power-of-four", "power-of-three", "takeover", "takeover-of-three", "timeouts", "unknown-outcomes"];

    /// <summary>Up to a few minutes and 3 GB each.</summary>
    public static IReadOnlyDictionary<string, Bounds> Large { get; } = new SortedDictionary<string, Bounds>
    {
        ["large-four"] = Base with
        {
            Children = 4, Threshold = 2, Losses = 2, Stops = 1, Takeovers = 1, Clearing = false,
        },
        ["large-power"] = Base with { Writes = 2, Losses = 2, Stops = 1, Takeovers = 1, Flushes = 1 },
        ["large-power-of-three"] = Base with
        {
            Children = 3, Threshold = 2, Losses = 2, Stops = 1, Takeovers = 1, Flushes = 1,
        },
        ["large-split-brain"] = Base with
        {
            Writes = 2, Losses = 1, Stops = 1, Takeovers = 2, Split = true, Clearing = false,
        },
        ["large-split-brain-of-three"] = Base with
        {
            Children = 3, Writes = 2, Unknowns = 1, Takeovers = 1, Split = true, Outs = 1, IdleOuts = true,
            Clearing = false,
        },
        ["large-three-writes"] = Base with { Writes = 3, Losses = 1, Outs = 1, Flushes = 1 },
        ["large-unknown-outcomes"] = Base with
        {
            Children = 3, Losses = 1, Stops = 1, Takeovers = 1, Outs = 1, Unknowns = 1, Clearing = false,
        },
        ["large-writes-of-three"] = Base with
        {
            Children = 3, Threshold = 2, Writes = 2, Losses = 2, Outs = 1, Flushes = 1, Clearing = false,
        },
    };
}
