using Replication.Simulation.Faults;

namespace Replication.Simulation;

/// <summary>What happened in all the seeds of one call.</summary>
internal sealed class SeedSums
{
    internal int SeedCount { get; private set; }

    internal long Reads { get; private set; }

    internal long Writes { get; private set; }

    internal long Flushes { get; private set; }

    internal long Failed { get; private set; }

    internal long Closed { get; private set; }

    internal SortedDictionary<FaultKind, int> Faults { get; } = [];

    internal SortedDictionary<string, int> Events { get; } = new(StringComparer.Ordinal);

    internal void Add(SimulationRun run)
    {
        SeedCount++;
        Reads += run.Tally.Reads;
        Writes += run.Tally.Writes;
        Flushes += run.Tally.Flushes;
        Failed += run.Tally.Failed;
        Closed += run.Tally.Closed;
        Add(Faults, run.Faults);
        Add(Events, run.Events);
    }

    public override string ToString() =>
        $"{Reads} reads, {Writes} writes, {Flushes} flushes, {Failed} requests failed, "
        + $"{Closed} lost their connection\n"
        + $"faults: {Join(Faults)}\nevents: {Join(Events)}";

    private static string Join<T>(SortedDictionary<T, int> counts)
        where T : notnull =>
        string.Join(", ", counts.Select(static entry => $"{entry.Key} {entry.Value}"));

    private static void Add<T>(SortedDictionary<T, int> sums, IReadOnlyDictionary<T, int> more)
        where T : notnull
    {
        foreach ((T key, int count) in more)
        {
            sums[key] = sums.GetValueOrDefault(key) + count;
        }
    }
}
