using Replication.Model.Scenarios;
using Replication.Model.Search;
using Replication.Model.Steps;

namespace Replication.Model;

public sealed class ModelTests
{
    private const int StatesMax = 5_000_000;

    public static TheoryData<string> RuleNames => [.. RemovedRules.All.Select(scenario => scenario.Name)];

    public static TheoryData<string> RecoveringNames => [.. AllRules.Recovering];

    public static TheoryData<string> SearchNames => [.. AllRules.Small.Keys];

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void Without_a_rule_its_scenario_is_found_and_with_it_not(string name)
    {
        var scenario = RemovedRules.All.Single(one => one.Name == name);
        if (scenario.Finds == Invariant.I8)
        {
            Assert.NotEmpty(new RecoverySearch(scenario.Rules, scenario.Bounds).Run());
            Assert.Empty(new RecoverySearch(Rules.All, scenario.Bounds).Run());
            return;
        }

        var without = new Explorer(scenario.Rules, scenario.Bounds, StatesMax, scenario.Finds).Run();

        Assert.Equal(scenario.Finds, without.Broken);
        Assert.EndsWith("is broken", without.Trace[^1]);
        // As many states again, and nothing: the bounds alone break nothing.
        var with = new Explorer(Rules.All, scenario.Bounds, without.States + 100_000).Run();
        Assert.True(with.Broken == Invariant.None, Story(with));
    }

    [Theory]
    [MemberData(nameof(SearchNames))]
    public void With_all_rules_in_nothing_breaks_within_the_bounds(string name)
    {
        var result = new Explorer(Rules.All, AllRules.Small[name], StatesMax).Run();

        Assert.True(result.Broken == Invariant.None, Story(result));
        Assert.True(result.Complete, $"more than {StatesMax} states");
    }

    [Theory]
    [MemberData(nameof(RecoveringNames))]
    public void With_all_rules_in_every_state_can_become_whole_again(string name)
    {
        var stuck = new RecoverySearch(Rules.All, AllRules.Small[name]).Run();

        Assert.True(stuck.Count == 0, string.Join(Environment.NewLine, stuck));
    }

    [Fact]
    public void A_volume_that_does_not_resync_is_seen_to_be_stuck()
    {
        var stuck = new RecoverySearch(Rules.All, new Bounds { Losses = 1 }).Run();

        Assert.Equal(["child 1: loses power; nothing unsynced survives"], stuck);
    }

    [Fact]
    public void Each_rule_is_taken_out_by_one_scenario_alone()
    {
        var rules = RemovedRules.All.Select(scenario => scenario.Rules).ToList();

        Assert.Equal(rules.Count, rules.Distinct().Count());
        Assert.DoesNotContain(Rules.All, rules);
    }

    private static string Story(SearchResult result) => string.Join(Environment.NewLine, result.Trace);
}
