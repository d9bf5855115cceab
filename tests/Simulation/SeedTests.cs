using System.Globalization;
using Replication.Simulation.Faults;
using Xunit.Abstractions;

namespace Replication.Simulation;

/// <summary>
/// Whole clusters from seeds. REPLICATION_SEED runs one, REPLICATION_SEEDS sets how many; a failure names its
/// seed and the command that replays it.
/// </summary>
public sealed class SeedTests(ITestOutputHelper output)
{
    private const int SeedsDefault = 300;
    private const int SeedsTwice = 20;

    private static int SeedCount => Setting("REPLICATION_SEEDS") is string text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : SeedsDefault;

    [Fact]
    public void Hundreds_of_seeds_keep_the_invariants()
    {
        if (Setting("REPLICATION_SEED") is string one)
        {
            RunSeed(ulong.Parse(one, CultureInfo.InvariantCulture));
            return;
        }

        SortedDictionary<FaultKind, int> faults = [];
        SortedDictionary<string, int> events = new(StringComparer.Ordinal);
        long reads = 0;
        long writes = 0;
        long failed = 0;
        for (ulong seed = 1; seed <= (ulong)SeedCount; seed++)
        {
            SimulationRun run = RunSeed(seed);
            Add(faults, run.Faults);
            Add(events, run.Events);
            reads += run.Tally.Reads;
            writes += run.Tally.Writes;
            failed += run.Tally.Failed;
        }

        output.WriteLine($"{SeedCount} seeds: {reads} reads, {writes} writes, {failed} requests failed");
        output.WriteLine(
            "faults: " + string.Join(", ", faults.Select(static entry => $"{entry.Key} {entry.Value}")));
        output.WriteLine(
            "events: " + string.Join(", ", events.Select(static entry => $"{entry.Key} {entry.Value}")));
        if (SeedCount >= SeedsDefault)
        {
            // A run in which nothing went wrong, or nothing worked, shows nothing.
            Assert.Equal(Enum.GetValues<FaultKind>().Length, faults.Count);
            Assert.True(reads > 10_000 && writes > 10_000, "most requests are to succeed");
            Assert.All(
                ["QuorumReportBad", "QuorumFailure", "RangeRepaired", "ChildStateChanged"],
                name => Assert.True(events.GetValueOrDefault(name) > 0, $"no seed led to {name}"));
        }
    }

    [Fact]
    public void A_seed_run_twice_leaves_the_same_trace()
    {
        for (ulong seed = 1; seed <= SeedsTwice; seed++)
        {
            Assert.Equal(RunSeed(seed).TraceHash, RunSeed(seed).TraceHash);
        }
    }

    private static SimulationRun RunSeed(ulong seed)
    {
        SimulationRun run = new(seed);
        try
        {
            run.Run();
        }
        catch (Exception cause)
        {
            throw new InvalidOperationException(
                $"seed {seed} failed; replay it with: bash tests/simulate.sh --seed {seed}\n{cause.Message}",
                cause);
        }

        return run;
    }

    private static void Add<T>(SortedDictionary<T, int> sums, IReadOnlyDictionary<T, int> more)
        where T : notnull
    {
        foreach ((T key, int count) in more)
        {
            sums[key] = sums.GetValueOrDefault(key) + count;
        }
    }

    private static string? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
