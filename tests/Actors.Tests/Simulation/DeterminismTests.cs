using Replication.TestKit.Simulation;

namespace Replication.Actors.Tests.Simulation;

public sealed class DeterminismTests
{
    private const int SeedCount = 100;

    [Fact]
    public void A_hundred_seeds_of_ping_pong_and_supervision_run_twice_with_equal_traces()
    {
        HashSet<ulong> hashes = [];
        List<SupervisionWorkload> loads = [];
        for (ulong seed = 1; seed <= SeedCount; seed++)
        {
            SimulatedWorld first = new(seed);
            SimulatedWorld second = new(seed);
            loads.Add(SupervisionWorkload.Run(first));
            SupervisionWorkload.Run(second);
            bool equal =
                (first.Trace.Hash, first.StepCount) == (second.Trace.Hash, second.StepCount);
            Assert.True(equal, equal ? string.Empty : Difference(seed));
            hashes.Add(first.Trace.Hash);
        }

        // Each seed is a run of its own, and together they cover what the kernel does.
        Assert.Equal(SeedCount, hashes.Count);
        Assert.All(loads, static load => Assert.True(load.Balls > 100, $"only {load.Balls} balls"));
        Assert.True(loads.Sum(static load => load.Restarts) > SeedCount);
        Assert.True(loads.Sum(static load => load.Resumes) > SeedCount);
        Assert.True(loads.Sum(static load => load.Stops) > SeedCount);
        Assert.True(loads.Sum(static load => load.Escalations) > SeedCount);
        Assert.True(loads.Sum(static load => load.Ends) > SeedCount);
        Assert.True(loads.Sum(static load => load.Ticks) > SeedCount);
        Assert.True(loads.Sum(static load => load.Stashed) > SeedCount);
    }

    [Fact]
    public void The_comparison_of_traces_finds_one_decision_that_the_seed_did_not_make()
    {
        // One of forty throws gets a number of hops that comes from outside, as from a clock or a hash
        // table.
        int thrown = 0;
        SimulatedWorld clean = new(seed: 1);
        SimulatedWorld disturbed = new(seed: 1);
        SupervisionWorkload.Run(clean);
        SupervisionWorkload.Run(disturbed, hops => ++thrown == 30 ? 0 : hops);
        Assert.NotEqual(clean.Trace.Hash, disturbed.Trace.Hash);
    }

    [Fact]
    public void The_comparison_of_traces_finds_two_timers_that_fire_in_another_order()
    {
        Assert.NotEqual(TraceOf("a", "b"), TraceOf("b", "a"));
        Assert.Equal(TraceOf("a", "b"), TraceOf("a", "b"));

        static ulong TraceOf(string first, string second)
        {
            SimulatedWorld world = new(seed: 1);
            world.After(TimeSpan.FromMilliseconds(1), () => world.Trace.Mark(first, "fired"));
            world.After(TimeSpan.FromMilliseconds(2), () => world.Trace.Mark(second, "fired"));
            world.RunFor(TimeSpan.FromSeconds(1));
            return world.Trace.Hash;
        }
    }

    private static string Difference(ulong seed)
    {
        SimulatedWorld first = new(seed, keepsText: true);
        SimulatedWorld second = new(seed, keepsText: true);
        SupervisionWorkload.Run(first);
        SupervisionWorkload.Run(second);
        int at =
            first.Trace.Lines.Zip(
                second.Trace.Lines).TakeWhile(static pair => pair.First == pair.Second).Count();
        return $"seed {seed}: two runs part at entry {at}:\n"
            + $"{first.Trace.Lines.ElementAtOrDefault(at)}\n{second.Trace.Lines.ElementAtOrDefault(at)}";
    }
}
