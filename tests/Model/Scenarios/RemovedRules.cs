using Replication.Model.Steps;

namespace Replication.Model.Scenarios;

/// <summary>What the rules exist for: each scenario must be found when its rule is taken out.</summary>
internal static class RemovedRules
{
    private static readonly Bounds ToAndFro =
        new() { Losses = 1, Outs = 1, Flushes = 1, Resync = true, Clearing = true };

    private static readonly Bounds Recovery = new()
    {
        Children = 3, Threshold = 2, Stops = 1, Takeovers = 1, Resync = true, Reads = false,
    };

    /// <summary>The nine of the protocol's text, in its order, then those that the model added.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("P3", "split-brain read by an unknown outcome", Rules.All with { P3 = false }, Invariant.I1,
            new Bounds
            {
                Children = 3, Unknowns = 1, Takeovers = 1, Split = true, Outs = 1, IdleOuts = true,
            }),
        new("P12Count", "Synced set written away after total power loss",
            Rules.All with { P12Count = false }, Invariant.I6, new Bounds { Losses = 2 }),
        new("P18", "reconcile without stamps", Rules.All with { P18 = false }, Invariant.I4, ToAndFro),
        new("P17", "rot spread by a lazily hot zone", Rules.All with { P17 = false }, Invariant.I5,
            new Bounds { Threshold = 2, Blocks = 2, Rots = 1, Stops = 1, Takeovers = 1 }),
        new("P13", "late write after a timeout", Rules.All with { P13 = false }, Invariant.I4,
            new Bounds { Writes = 2, Outs = 1, Resync = true }),
        new("P20Copied", "copied set outliving a gap", Rules.All with { P20Copied = false }, Invariant.I4,
            new Bounds { Blocks = 2, Writes = 2, Outs = 2, IdleOuts = true, Resync = true }),
        new("P9Open", "continuous across a double takeover", Rules.All with { P9Open = false },
            Invariant.I4, new Bounds { Children = 3, Losses = 1, Stops = 2, Takeovers = 2 }),
        new("P16", "checkpoint over a write under way", Rules.All with { P16 = false }, Invariant.I4,
            ToAndFro),
        new("P12Lost", "acknowledged and flushed write outvoted after two hosts power-cycle",
            Rules.All with { P12Lost = false }, Invariant.I2,
            new Bounds { Children = 3, Threshold = 2, Losses = 2, Flushes = 1, Disks = false }),

        new("P6", "copy without stamps, then the only stamped child is lost", Rules.All with { P6 = false },
            Invariant.I4, ToAndFro with { Children = 3, Losses = 2, Outs = 2 }),
        new("P7", "write before its hot mark is durable", Rules.All with { P7 = false }, Invariant.I4,
            ToAndFro),
        new("P7Inherited", "mark of lost stamps cleared before all is copied",
            Rules.All with { P7Inherited = false }, Invariant.I4, ToAndFro with { Stops = 1, Takeovers = 1 }),
        new("P7Lapsed", "Lapsed child half copied, then its source is lost",
            Rules.All with { P7Lapsed = false }, Invariant.I8, Recovery with { Losses = 2, Clearing = true }),
        new("P8", "replica that lost its memory goes on in its session", Rules.All with { P8 = false },
            Invariant.I4, new Bounds { Children = 3, Threshold = 2, Losses = 1 }),
        new("P9Wait", "late write after an open", Rules.All with { P9Wait = false }, Invariant.I4,
            new Bounds { Writes = 2, Stops = 1, Takeovers = 1 }),
        new("P9Settled", "continuous before all is reconciled", Rules.All with { P9Settled = false },
            Invariant.I4, new Bounds { Losses = 2, Stops = 2, Takeovers = 2 }),
        new("P10", "takeover that records nobody Stale", Rules.All with { P10 = false }, Invariant.I4,
            new Bounds { Stops = 1, Takeovers = 2, Split = true }),
        new("P12Continuous", "what one child alone remembers is outvoted",
            Rules.All with { P12Continuous = false }, Invariant.I4,
            new Bounds { Children = 3, Threshold = 2, Losses = 2 }),
        new("P12Sessions", "write of a failed request applied after the suspension",
            Rules.All with { P12Sessions = false }, Invariant.I4,
            new Bounds { Children = 3, Threshold = 2, Losses = 2, Resync = true }),
        new("P12Resumed", "child still Lapsed while writes are acknowledged",
            Rules.All with { P12Resumed = false }, Invariant.I2, new Bounds
            {
                Children = 3, Threshold = 2, Losses = 2, Stops = 1, Takeovers = 1, Flushes = 1, Resync = true,
                Reads = false,
            }),
        new("P14", "read without a quorum beside another owner", Rules.All with { P14 = false }, Invariant.I1,
            new Bounds { Takeovers = 1, Split = true }),
        new("P15", "write acknowledged early", Rules.All with { P15 = false }, Invariant.I4, new Bounds()),
        new("P16Recovering", "checkpoint while a Synced child has not opened",
            Rules.All with { P16Recovering = false }, Invariant.I8,
            Recovery with { Losses = 1, Flushes = 1 }),
        new("P17Read", "read of a block before it is reconciled", Rules.All with { P17Read = false },
            Invariant.I4, new Bounds { Outs = 1, Stops = 1, Takeovers = 1 }),
        new("P19", "repair towards rot that won a tie", Rules.All with { P19 = false }, Invariant.I5,
            new Bounds { Rots = 1, Repair = true }),
        new("P20Joined", "child that joins beside a write under way", Rules.All with { P20Joined = false },
            Invariant.I4, new Bounds { Outs = 1, IdleOuts = true, Resync = true }),
        new("P20Clean", "clean raised before all is copied", Rules.All with { P20Clean = false },
            Invariant.I4, ToAndFro with { Losses = 0, Outs = 2, IdleOuts = true }),
        new("P21Reconciled", "promotion with a failed write whose mark the child has cleared",
            Rules.All with { P21Reconciled = false }, Invariant.I4,
            ToAndFro with { Losses = 2, Outs = 0, Stops = 1, Takeovers = 1 }),
        new("P21Flushed", "promotion before the flush", Rules.All with { P21Flushed = false }, Invariant.I2,
            new Bounds { Outs = 1, Flushes = 1, Resync = true }),
    ];
}
