namespace Replication.Coordinator.Volumes;

/// <summary>What a child has done since the gateway started.</summary>
/// <param name="VotesLost">Reads on which it was outvoted.</param>
/// <param name="Repairs">Ranges on it that were rewritten.</param>
/// <param name="ReadErrors">Reads that it failed.</param>
/// <param name="WriteErrors">Writes that it failed.</param>
/// <param name="FlushErrors">Flushes that it failed.</param>
public sealed record ChildCounters(
    long VotesLost, long Repairs, long ReadErrors, long WriteErrors, long FlushErrors);
