using Replication.Actors.Threading;

namespace Replication.Actors.Tests.Threading;

/// <summary>What a thread runs by itself, and what it leaves to others.</summary>
public sealed class TurnTests
{
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(20);
    private readonly ThreadPoolDispatcher _dispatcher = ThreadPoolDispatcher.Instance;

    [Fact]
    public void Work_scheduled_in_a_turn_runs_at_its_end_on_the_same_thread_and_in_order()
    {
        List<(int Number, int Thread)> ran = [];
        using (Turn.Begin())
        {
            for (int number = 0; number < 3; number++)
            {
                int mine = number;
                _dispatcher.Schedule(new Work(() =>
                {
                    ran.Add((mine, Environment.CurrentManagedThreadId));
                    if (mine < 2)
                    {
                        _dispatcher.Schedule(
                            new Work(() => ran.Add((mine + 10, Environment.CurrentManagedThreadId))));
                    }
                }));
            }

            Assert.Empty(ran);
        }

        int here = Environment.CurrentManagedThreadId;
        Assert.Equal([(0, here), (1, here), (2, here), (10, here), (11, here)], ran);
    }

    [Fact]
    public void A_turn_within_a_turn_is_part_of_it()
    {
        bool ran = false;
        using (Turn.Begin())
        {
            using (Turn.Begin())
            {
                _dispatcher.Schedule(new Work(() => ran = true));
            }

            Assert.False(ran);
        }

        Assert.True(ran);
    }

    [Fact]
    public void An_endless_conversation_is_taken_over_by_the_pool()
    {
        int runsHere = 0;
        int here = Environment.CurrentManagedThreadId;
        using ManualResetEventSlim elsewhere = new();
        Work? work = null;
        work = new Work(() =>
        {
            if (Environment.CurrentManagedThreadId == here)
            {
                runsHere++;
                _dispatcher.Schedule(work!);
            }
            else
            {
                elsewhere.Set();
            }
        });
        using (Turn.Begin())
        {
            _dispatcher.Schedule(work);
        }

        Assert.True(elsewhere.Wait(HangLimit));
        Assert.Equal(Turn.RunsMax, runsHere);
    }

    [Fact]
    public void What_piles_up_in_a_turn_is_left_to_other_threads()
    {
        using CountdownEvent elsewhere = new(10);
        int here = Environment.CurrentManagedThreadId;
        int runsHere = 0;
        using (Turn.Begin())
        {
            for (int number = 0; number < Turn.WaitingMax + 10; number++)
            {
                _dispatcher.Schedule(new Work(() =>
                {
                    if (Environment.CurrentManagedThreadId == here)
                    {
                        runsHere++;
                    }
                    else
                    {
                        elsewhere.Signal();
                    }
                }));
            }

            // While this thread's turn has not even ended.
            Assert.True(elsewhere.Wait(HangLimit));
        }

        Assert.Equal(Turn.WaitingMax, runsHere);
    }

    [Fact]
    public void Without_a_turn_the_pool_runs_the_work_and_what_follows_from_it_on_one_thread()
    {
        using ManualResetEventSlim done = new();
        int first = 0;
        int second = 0;
        _dispatcher.Schedule(new Work(() =>
        {
            first = Environment.CurrentManagedThreadId;
            _dispatcher.Schedule(new Work(() =>
            {
                second = Environment.CurrentManagedThreadId;
                done.Set();
            }));
        }));
        Assert.True(done.Wait(HangLimit));
        Assert.Equal(first, second);
        Assert.NotEqual(Environment.CurrentManagedThreadId, first);
    }

    /// <summary>A connection survives a failure of its own, and its thread goes on with others.</summary>
    [Fact]
    public void Work_that_throws_ends_the_turn_and_leaves_the_rest_to_the_pool()
    {
        using ManualResetEventSlim rest = new();
        Assert.Throws<InvalidOperationException>(() =>
        {
            using Turn turn = Turn.Begin();
            _dispatcher.Schedule(new Work(() => throw new InvalidOperationException("broken")));
            _dispatcher.Schedule(new Work(rest.Set));
        });
        Assert.True(rest.Wait(HangLimit));

        bool ran = false;
        using (Turn.Begin())
        {
            _dispatcher.Schedule(new Work(() => ran = true));
        }

        Assert.True(ran);
    }

    private sealed class Work(Action run) : IThreadPoolWorkItem
    {
        public void Execute() => run();
    }
}
