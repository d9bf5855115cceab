using Replication.Cluster.Records;
using Replication.Coordinator.Volumes.Takeovers;

namespace Replication.Coordinator.Tests.Volumes.Takeovers;

/// <summary>
/// Takeovers (P10, P12): every volume of up to four children, in every state and standing, and the stories.
/// </summary>
public sealed class TakeoverRulesTests
{
    private const ChildState Synced = ChildState.Synced;
    private const ChildState Stale = ChildState.Stale;
    private const ChildState Lapsed = ChildState.Lapsed;
    private const ChildStanding NotOpen = ChildStanding.NotOpen;
    private const ChildStanding Lacking = ChildStanding.Lacking;
    private const ChildStanding Forgetful = ChildStanding.Forgetful;
    private const ChildStanding Continuous = ChildStanding.Continuous;

    [Fact]
    public void P12_a_enough_continuous_children_serve_and_every_other_is_stale_before()
    {
        Assert.Equal(
            [Synced, Synced, Stale, Stale, Stale],
            After<TakeoverDecision.Serve>(
                2,
                (Synced, Continuous), (Synced, Continuous), (Synced, Forgetful), (Synced, NotOpen),
                (Lapsed, Forgetful)));
    }

    [Fact]
    public void P12_b_one_continuous_child_of_three_is_not_outvoted_by_two_that_forgot()
    {
        Assert.Equal(
            [Synced, Lapsed, Lapsed],
            After<TakeoverDecision.Recover>(
                2, (Synced, Continuous), (Synced, Forgetful), (Synced, Forgetful)));
    }

    [Fact]
    public void P12_b_a_child_that_has_not_opened_stays_synced_for_it_may_know_everything()
    {
        Assert.Equal(
            [Synced, Lapsed, Synced],
            After<TakeoverDecision.Recover>(2, (Synced, Continuous), (Synced, Forgetful), (Synced, NotOpen)));
    }

    [Fact]
    public void P5_a_child_that_lost_its_data_is_stale_even_where_that_leaves_one_source_only()
    {
        Assert.Equal(
            [Synced, Lapsed, Stale],
            After<TakeoverDecision.Recover>(2, (Synced, Continuous), (Synced, Forgetful), (Synced, Lacking)));
    }

    [Fact]
    public void P12_c_without_a_continuous_child_those_with_every_flushed_write_go_on_together()
    {
        Assert.Equal(
            [Synced, Synced, Stale, Stale],
            After<TakeoverDecision.StartOver>(
                2, (Synced, Forgetful), (Lapsed, Forgetful), (Synced, NotOpen), (Stale, Forgetful)));
    }

    [Fact]
    public void P12_c_fewer_than_f_of_those_wait()
    {
        TakeoverDecision.TooFew few = Assert.IsType<TakeoverDecision.TooFew>(Decide(
            1, true, (Synced, Forgetful), (Lapsed, NotOpen), (Synced, NotOpen)));

        Assert.Equal(new TakeoverDecision.TooFew(1, 3, 2), few);
    }

    [Fact]
    public void P10_a_continuous_child_alone_does_not_go_on_before_f_of_the_synced_ones_are_open()
    {
        Assert.Equal(
            new TakeoverDecision.TooFew(1, 3, 2),
            Decide(1, true, (Synced, Continuous), (Synced, NotOpen), (Synced, NotOpen)));
    }

    [Fact]
    public void P10_a_child_that_lost_its_data_is_fenced_like_any_other()
    {
        Assert.Equal(
            [Synced, Stale],
            After<TakeoverDecision.Recover>(2, (Synced, Continuous), (Synced, Lacking)));
    }

    [Fact]
    public void P12_b_a_recovery_goes_on_though_what_it_recorded_leaves_too_few_synced_for_a_fence()
    {
        Assert.Equal(
            [Synced, Lapsed, Synced],
            After<TakeoverDecision.Recover>(2, (Synced, Continuous), (Synced, Forgetful), (Synced, NotOpen)));
        Assert.Equal(
            [Synced, Lapsed, Synced],
            After<TakeoverDecision.Recover>(2, (Synced, Continuous), (Lapsed, NotOpen), (Synced, NotOpen)));
    }

    [Fact]
    public void A_recovery_that_was_interrupted_goes_on_from_its_one_source()
    {
        Assert.Equal(
            [Synced, Lapsed, Lapsed],
            After<TakeoverDecision.Recover>(2, (Synced, Continuous), (Lapsed, Forgetful), (Lapsed, NotOpen)));
    }

    [Fact]
    public void Before_the_time_has_passed_nobody_who_may_still_answer_is_given_up()
    {
        Assert.IsType<TakeoverDecision.Wait>(
            Decide(2, false, (Synced, Continuous), (Synced, Continuous), (Synced, NotOpen)));
        Assert.IsType<TakeoverDecision.Wait>(
            Decide(1, false, (Synced, Forgetful), (Lapsed, NotOpen)));
        Assert.IsType<TakeoverDecision.Serve>(
            Decide(2, false, (Synced, Continuous), (Synced, Continuous), (Lapsed, NotOpen)));
    }

    [Fact]
    public void The_promotion_that_reaches_the_threshold_calls_stale_who_would_miss_what_follows()
    {
        TakeoverChild[] children = Children(
            (Synced, Continuous), (Lapsed, Forgetful), (Lapsed, Forgetful), (Synced, NotOpen));

        Assert.Equal(
            [Synced, Synced, Stale, Stale],
            Apply(children, TakeoverRules.Promote(children, promoted: 1, threshold: 2)));
        Assert.Equal(
            [Synced, Synced, Lapsed, Synced],
            Apply(children, TakeoverRules.Promote(children, promoted: 1, threshold: 3)));
    }

    [Fact]
    public void Whatever_is_known_a_decision_keeps_the_rules_and_the_record_takes_it()
    {
        ChildState[] states = [Synced, Stale, Lapsed];
        ChildStanding[] standings = Enum.GetValues<ChildStanding>();
        TakeoverChild[] kinds =
            [.. from state in states from standing in standings select new TakeoverChild(0, state, standing)];
        int served = 0;
        int recovered = 0;
        int startedOver = 0;
        for (int code = 0; code < kinds.Length * kinds.Length * kinds.Length * kinds.Length; code++)
        {
            TakeoverChild[] children = ChildrenOf(kinds, code);
            for (int threshold = 1; threshold <= 3; threshold++)
            {
                Check(children, threshold, hasWaited: false);
                switch (Check(children, threshold, hasWaited: true))
                {
                    case TakeoverDecision.Serve:
                        served++;
                        break;
                    case TakeoverDecision.Recover:
                        recovered++;
                        break;
                    case TakeoverDecision.StartOver:
                        startedOver++;
                        break;
                }
            }
        }

        Assert.True(served > 1000 && recovered > 1000 && startedOver > 1000);
    }

    private static TakeoverDecision Check(TakeoverChild[] children, int threshold, bool hasWaited)
    {
        TakeoverDecision decision = TakeoverRules.Decide(children, threshold, hasWaited);
        int synced = children.Count(static child => child.State == Synced);
        int continuous = children.Count(static child => child is { State: Synced, Standing: Continuous });
        int open = children.Count(static child => child is { State: Synced, Standing: not NotOpen });
        bool nobodyServed = synced < threshold || children.Any(static child => child.State == Lapsed);
        int fence = nobodyServed ? 1 : Math.Max(threshold, (synced + 1) / 2);
        switch (decision)
        {
            case TakeoverDecision.Wait:
                Assert.False(hasWaited);
                Assert.Contains(children, static child => child.Standing == NotOpen);
                break;
            case TakeoverDecision.TooFew few:
                Assert.True(few.Open < few.Needed && few.Open <= few.Of);
                break;
            case TakeoverDecision.Serve serve:
                Assert.True(continuous >= threshold && open >= fence);
                ChildState[] served = Apply(children, serve.Changes);
                Assert.DoesNotContain(Lapsed, served);
                AssertSynced(children, served, static child =>
                    child is { State: Synced, Standing: Continuous });
                AssertTaken(children, threshold, serve.Changes, suspended: false);
                break;
            case TakeoverDecision.Recover recover:
                Assert.True(continuous > 0 && continuous < threshold && open >= fence);
                ChildState[] recovering = Apply(children, recover.Changes);
                AssertSynced(children, recovering, static child =>
                    child is { State: Synced, Standing: Continuous or NotOpen });
                AssertTaken(children, threshold, recover.Changes, suspended: true);
                break;
            case TakeoverDecision.StartOver over:
                Assert.Equal(0, continuous);
                ChildState[] started = Apply(children, over.Changes);
                Assert.DoesNotContain(Lapsed, started);
                Assert.True(started.Count(static state => state == Synced) >= threshold);
                AssertSynced(children, started, static child => child.State != Stale && IsOpen(child));
                AssertTaken(children, threshold, over.Changes, suspended: false);
                break;
        }

        return decision;
    }

    private static bool IsOpen(TakeoverChild child) => child.Standing is Forgetful or Continuous;

    private static void AssertSynced(
        TakeoverChild[] children, ChildState[] after, Predicate<TakeoverChild> expected)
    {
        for (int i = 0; i < children.Length; i++)
        {
            Assert.Equal(expected(children[i]), after[i] == Synced);
        }
    }

    private static void AssertTaken(
        TakeoverChild[] children, int threshold, IReadOnlyList<ChildStateChange> changes, bool suspended)
    {
        if (changes.Count == 0)
        {
            return;
        }

        VolumeRecord record = new()
        {
            Name = "vm-1",
            Id = new Guid(1, 0, 0, new byte[8]),
            Serial = 5,
            SizeBytes = 1 << 20,
            Options = new VolumeOptions { Threshold = threshold },
            Epoch = 3,
            Owner = "gateway1",
            Children = [.. children.Select(static child => new VolumeChild(
                child.Index,
                $"node{child.Index}",
                new Guid(child.Index + 1, 0, 0, new byte[8]),
                child.State))],
            NextChildIndex = children.Length,
            BadBlocks = [],
            Stopped = false,
        };
        Assert.IsType<RecordChange.Allowed>(
            suspended ? record.WithStatesSuspended(changes) : record.WithStates(changes));
    }

    private static ChildState[] After<T>(int threshold, params (ChildState, ChildStanding)[] known)
        where T : TakeoverDecision
    {
        TakeoverDecision decision = Assert.IsType<T>(Decide(threshold, true, known));
        return Apply(Children(known), decision switch
        {
            TakeoverDecision.Serve serve => serve.Changes,
            TakeoverDecision.Recover recover => recover.Changes,
            TakeoverDecision.StartOver over => over.Changes,
            _ => throw new InvalidOperationException($"{decision} changes nothing"),
        });
    }

    private static TakeoverDecision Decide(
        int threshold, bool hasWaited, params (ChildState, ChildStanding)[] known) =>
        TakeoverRules.Decide(Children(known), threshold, hasWaited);

    private static TakeoverChild[] Children(params (ChildState State, ChildStanding Standing)[] known) =>
        [.. known.Select(static (child, index) => new TakeoverChild(index, child.State, child.Standing))];

    private static TakeoverChild[] ChildrenOf(TakeoverChild[] kinds, int code)
    {
        TakeoverChild[] children = new TakeoverChild[4];
        for (int index = 0; index < children.Length; index++)
        {
            children[index] = kinds[code % kinds.Length] with { Index = index };
            code /= kinds.Length;
        }

        return children;
    }

    private static ChildState[] Apply(TakeoverChild[] children, IReadOnlyList<ChildStateChange> changes) =>
    [
        .. children.Select(child => changes
            .Where(change => change.ChildIndex == child.Index)
            .Select(static change => change.State)
            .DefaultIfEmpty(child.State)
            .Single()),
    ];
}
