using System.Diagnostics;
using System.Globalization;
using Replication.Simulation.Faults;
using Xunit.Abstractions;

namespace Replication.Simulation;

/// <summary>
/// Whole clusters from seeds. REPLICATION_SEED is the first seed, REPLICATION_SEEDS how many there are,
/// REPLICATION_JOBS how many run at a time, each in a thread of its own; a failure names its seed and the
/// command that replays it.
/// </summary>
public sealed class SeedTests(ITestOutputHelper output)
{
    private const int SeedsDefault = 300;
    private const int SeedsTwice = 20;
    private const int JobsDefault = 2;

    [Fact]
    public void Hundreds_of_seeds_keep_the_invariants()
    {
        int first = Setting("REPLICATION_SEED", 1);
        int count = Setting("REPLICATION_SEEDS", IsSet("REPLICATION_SEED") ? 1 : SeedsDefault);
        SeedSums sums = new();
        Stopwatch watch = Stopwatch.StartNew();
        Exception? failure = RunAll(first, count, Setting("REPLICATION_JOBS", JobsDefault), sums);
        double perSecond = sums.SeedCount / watch.Elapsed.TotalSeconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{sums.SeedCount} seeds in {watch.Elapsed.TotalSeconds:F1} s, {perSecond:F1} a second"));
        output.WriteLine(sums.ToString());
        if (failure is not null)
        {
            throw failure;
        }

        if (count >= SeedsDefault)
        {
            RequireVariety(sums);
        }
    }

    [Fact]
    public void A_seed_run_twice_leaves_the_same_trace()
    {
        for (int seed = 1; seed <= SeedsTwice; seed++)
        {
            Assert.Equal(RunSeed(seed).TraceHash, RunSeed(seed).TraceHash);
        }
    }

    /// <summary>Stops at the first seeds that fail; the failure of the lowest is returned.</summary>
    private static Exception? RunAll(int first, int count, int jobs, SeedSums sums)
    {
        SortedDictionary<int, Exception> failures = [];
        ParallelOptions options = new() { MaxDegreeOfParallelism = jobs };
        Parallel.For(first, first + count, options, (seed, state) =>
        {
            SimulationRun? run = null;
            Exception? failure = null;
            try
            {
                run = RunSeed(seed);
            }
            catch (InvalidOperationException cause)
            {
                failure = cause;
                state.Break();
            }

            lock (sums)
            {
                if (run is not null)
                {
                    sums.Add(run);
                }
                else
                {
                    failures.Add(seed, failure!);
                }
            }
        });
        return failures.Count == 0 ? null : failures.First().Value;
    }

    /// <summary>A run in which nothing went wrong, or nothing worked, shows nothing.</summary>
    private static void RequireVariety(SeedSums sums)
    {
        Assert.All(
            FaultPlan.KindsInUse,
            kind => Assert.True(sums.Faults.ContainsKey(kind), $"no seed had a {kind}"));
        Assert.True(sums.Reads > 10_000 && sums.Writes > 10_000, "most requests are to succeed");
        Assert.All(
            [
                "QuorumReportBad", "QuorumFailure", "RangeRepaired", "ChildStateChanged", "ResyncEnded",
                "BadBlocksChanged", "UnflushedWritesLost", "BlkverifyMismatch",
            ],
            name => Assert.True(sums.Events.ContainsKey(name), $"no seed led to {name}"));
    }

    private static SimulationRun RunSeed(int seed)
    {
        SimulationRun run = new((ulong)seed, keepsText: IsSet("REPLICATION_TRACE"));
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
        finally
        {
            if (Environment.GetEnvironmentVariable("REPLICATION_TRACE") is { Length: > 0 } path)
            {
                File.WriteAllLines(path, run.TraceLines);
            }
        }

        return run;
    }

    private static int Setting(string name, int otherwise) => IsSet(name)
        ? int.Parse(Environment.GetEnvironmentVariable(name)!, CultureInfo.InvariantCulture)
        : otherwise;

    private static bool IsSet(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 };
}
