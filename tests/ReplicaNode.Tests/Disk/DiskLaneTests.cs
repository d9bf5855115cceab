using Replication.ReplicaNode.Disk;

namespace Replication.ReplicaNode.Tests.Disk;

/// <summary>The limits of time only end a hang: a lost wake-up.</summary>
public sealed class DiskLaneTests
{
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(20);

    [Fact]
    public void Work_that_comes_just_as_a_thread_goes_idle_still_wakes_one()
    {
        using DiskLane lane = new("test", threadsMax: 2);
        using SemaphoreSlim done = new(0);
        for (int number = 0; number < 20_000; number++)
        {
            lane.Add(Call(() => done.Release()));
            Assert.True(done.Wait(HangLimit), $"piece {number} never ran");
        }
    }

    [Fact]
    public void Threads_work_side_by_side_up_to_the_limit_and_no_further()
    {
        const int threads = 3;
        using DiskLane lane = new("test", threads);
        using CountdownEvent atWork = new(threads);
        using ManualResetEventSlim goOn = new();
        using CountdownEvent done = new(threads + 2);
        for (int number = 0; number < threads + 2; number++)
        {
            lane.Add(Call(() =>
            {
                if (!goOn.IsSet)
                {
                    atWork.Signal();
                }

                goOn.Wait(HangLimit);
                done.Signal();
            }));
        }

        Assert.True(atWork.Wait(HangLimit));
        Assert.Equal(2, lane.WaitingCount);
        goOn.Set();
        Assert.True(done.Wait(HangLimit));
    }

    [Fact]
    public void Everything_queued_from_many_threads_runs_once_also_after_the_end()
    {
        const int producers = 4;
        const int each = 20_000;
        int ran = 0;
        using CountdownEvent done = new((producers * each) + 1);
        DiskLane lane = new("test", threadsMax: 3);
        Parallel.For(0, producers, _ =>
        {
            for (int number = 0; number < each; number++)
            {
                lane.Add(Call(Count));
            }
        });
        lane.Dispose();
        lane.Add(Call(Count));
        Assert.True(done.Wait(HangLimit));
        Assert.Equal((producers * each) + 1, ran);

        void Count()
        {
            Interlocked.Increment(ref ran);
            done.Signal();
        }
    }

    [Fact]
    public void Threads_that_ended_have_done_all_that_was_queued()
    {
        using ManualResetEventSlim goOn = new();
        int ran = 0;
        DiskThreads threads = new();
        for (int number = 0; number < 100; number++)
        {
            threads.Slow.Add(Call(() =>
            {
                goOn.Wait(HangLimit);
                Interlocked.Increment(ref ran);
            }));
        }

        threads.Transfers.Add(Call(goOn.Set));
        threads.Dispose();
        Assert.Equal(100, ran);
    }

    [Fact]
    public void A_disk_that_does_not_answer_is_waited_for_so_long_and_no_longer()
    {
        using ManualResetEventSlim goOn = new();
        DiskLane lane = new("test", threadsMax: 1);
        lane.Add(Call(() => goOn.Wait(HangLimit)));
        lane.Dispose();
        Assert.False(lane.AwaitEnd(TimeSpan.FromMilliseconds(1)));
        goOn.Set();
        Assert.True(lane.AwaitEnd(HangLimit));
    }

    [Fact]
    public void A_thread_of_the_lane_that_ends_it_does_not_wait_for_itself()
    {
        using ManualResetEventSlim ended = new();
        DiskLane lane = new("test", threadsMax: 1);
        lane.Add(Call(() =>
        {
            lane.Dispose();
            if (lane.AwaitEnd(HangLimit))
            {
                ended.Set();
            }
        }));
        Assert.True(ended.Wait(HangLimit / 2));
    }

    private static DiskWork Call(Action call) => new(Device: null, Operation: null, call);
}
