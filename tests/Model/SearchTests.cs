using Replication.Model.Scenarios;
using Replication.Model.Search;
using Replication.Model.State;
using Replication.Model.Steps;

namespace Replication.Model;

public sealed class SearchTests
{
    [Fact]
    public void States_that_differ_only_by_the_names_of_children_are_one()
    {
        var bounds = new Bounds { Children = 4 };
        var left = StepMaker.First(bounds);
        var right = left;
        left.Children[0].Up = 0;
        left.Children[2].Data[1] = 2;
        right.Children[3].Up = 0;
        right.Children[1].Data[1] = 2;
        Assert.NotEqual(StateHash.Of(ref left), StateHash.Of(ref right));

        CanonicalOrder.Apply(ref left, 4, []);
        CanonicalOrder.Apply(ref right, 4, []);

        Assert.Equal(StateHash.Of(ref left), StateHash.Of(ref right));
    }

    [Fact]
    public void A_queue_gives_back_the_states_it_was_given_in_their_order()
    {
        var queue = new StateQueue();
        for (var i = 0; i < 50_000; i++)
        {
            var world = StepMaker.First(new Bounds { Children = 3 });
            (world.Losses, world.Stops) = ((byte)i, (byte)(i >> 8));
            queue.Add(ref world);
        }

        for (var i = 0; i < 50_000; i++)
        {
            var expected = StepMaker.First(new Bounds { Children = 3 });
            (expected.Losses, expected.Stops) = ((byte)i, (byte)(i >> 8));
            var world = queue.Take();
            Assert.Equal(StateHash.Of(ref expected), StateHash.Of(ref world));
        }

        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void A_set_knows_what_was_added_before_it_grew()
    {
        var set = new VisitedSet();
        for (var i = 0UL; i < 200_000; i++)
        {
            Assert.True(set.Add(i * 0x9E3779B97F4A7C15UL));
        }

        for (var i = 0UL; i < 200_000; i++)
        {
            Assert.False(set.Add(i * 0x9E3779B97F4A7C15UL));
        }

        Assert.Equal(200_000, set.Count);
    }

    [Fact]
    public void A_counterexample_names_each_child_the_same_from_its_first_step_to_its_last()
    {
        var scenario = RemovedRules.All.Single(one => one.Name == "P12Count");

        var result = new Explorer(scenario.Rules, scenario.Bounds, 100_000, scenario.Finds).Run();

        Assert.Equal(
            [
                "child 1: loses power; nothing unsynced survives",
                "child 1: starts again",
                "owner A: sees that child 1 lost its incarnation (record: 1 Stale, 2 Synced)",
                "child 2: loses power; nothing unsynced survives",
                "child 2: starts again",
                "owner A: sees that child 2 lost its incarnation (record: 1 Stale, 2 Stale): I6 is broken",
            ],
            result.Trace);
    }

    [Fact]
    public void Every_kind_of_step_is_taken_in_some_search_with_all_rules_in()
    {
        var taken = new HashSet<StepKind>();
        foreach (var bounds in AllRules.Small.Values)
        {
            var result = new Explorer(Rules.All, bounds, 400_000).Run();
            taken.UnionWith(result.Taken.Where(pair => pair.Value > 0).Select(pair => pair.Key));
        }

        // That a child which lost its incarnation is opened as if nothing had happened is what P12 forbids.
        Assert.Equal([StepKind.ReopenLost], Enum.GetValues<StepKind>().Except(taken));
    }

    [Fact]
    public void A_search_that_meets_its_limit_says_that_it_has_not_seen_all()
    {
        var result = new Explorer(Rules.All, AllRules.Small["rot"], 1_000).Run();

        Assert.False(result.Complete);
        Assert.Equal(Invariant.None, result.Broken);
    }

    [Fact]
    public void Bounds_are_read_as_they_are_written()
    {
        var bounds = AllRules.Small["timeouts"];

        Assert.Equal(bounds, BoundsText.Parse(BoundsText.Of(bounds)));
        Assert.Throws<FormatException>(() => BoundsText.Parse("Childs=3"));
    }
}
