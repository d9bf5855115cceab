using System.Collections.Concurrent;
using Replication.Actors.Asking;
using Replication.Actors.Events;
using Replication.Actors.Watch;

namespace Replication.Actors.Tests.Threading;

/// <summary>
/// The kernel on real threads: nothing is lost, nothing of one sender overtakes, and no two threads are ever
/// in one actor. The awaited answers end a test; the limits of time only end a hang.
/// </summary>
public sealed class ThreadPoolTests
{
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Many_producers_lose_nothing_reorder_nothing_and_never_meet_in_one_actor()
    {
        const int producers = 8;
        const int messagesEach = 100_000;
        ActorSystem system = ActorSystem.Create("stress");
        OrderChecker checker = new(producers, messagesEach);
        IActorRef actor = system.ActorOf(new Props(() => checker));
        await Task.WhenAll(Enumerable.Range(0, producers).Select(producer => Task.Factory.StartNew(
            () =>
            {
                for (int number = 0; number < messagesEach; number++)
                {
                    actor.Tell((producer, number));
                }
            },
            TaskCreationOptions.LongRunning)));
        Assert.Equal("all in order", await checker.Done.Task.WaitAsync(HangLimit));
        await system.Terminate().WaitAsync(HangLimit);
    }

    [Fact]
    public async Task A_message_told_just_as_an_actor_goes_idle_still_wakes_it()
    {
        // Each answer is awaited, so that the mailbox goes idle between any two messages; two pairs of
        // threads run on both cores. A lost wake-up hangs one of them.
        ActorSystem system = ActorSystem.Create("wake");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                IActorRef actor = system.ActorOf(new Props(static () => new Echo()));
                SpinRef answers = new();
                for (int number = 0; number < 50_000; number++)
                {
                    actor.Tell(number, answers);
                    answers.SpinUntil(number, HangLimit);
                }
            },
            TaskCreationOptions.LongRunning)));
        await system.Terminate().WaitAsync(HangLimit);
    }

    [Fact]
    public async Task A_ring_of_actors_passes_its_tokens_round_on_all_threads()
    {
        const int size = 50;
        const int tokens = 20;
        ActorSystem system = ActorSystem.Create("ring");
        ConcurrentQueue<int> finished = new();
        TaskCompletionSource done = new();
        RingActor[] ring = [.. Enumerable.Range(0, size).Select(_ => new RingActor(Finish))];
        IActorRef[] refs = [.. ring.Select(one => system.ActorOf(new Props(() => one)))];
        for (int index = 0; index < size; index++)
        {
            ring[index].Next = refs[(index + 1) % size];
        }

        for (int token = 0; token < tokens; token++)
        {
            refs[token].Tell(new Token(token, 10_000));
        }

        await done.Task.WaitAsync(HangLimit);
        Assert.Equal(Enumerable.Range(0, tokens), finished.Order());
        await system.Terminate().WaitAsync(HangLimit);

        void Finish(int token)
        {
            finished.Enqueue(token);
            if (finished.Count == tokens)
            {
                done.TrySetResult();
            }
        }
    }

    [Fact]
    public async Task Actors_that_stop_while_they_are_told_lose_nothing_that_is_not_a_dead_letter()
    {
        const int actors = 200;
        const int messagesEach = 200;
        ActorSystem system = ActorSystem.Create("stops");
        int handled = 0;
        int dead = 0;
        CountingRef letters = new(() => Interlocked.Increment(ref dead));
        system.EventStream.Subscribe<DeadLetter>(letters);
        IActorRef[] all =
            [.. Enumerable.Range(0, actors).Select(_ => system.ActorOf(
                new Props(() => new StopsAt(messagesEach / 2, () => Interlocked.Increment(ref handled)))))];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(part => Task.Factory.StartNew(
            () =>
            {
                for (int number = 0; number < messagesEach / 4; number++)
                {
                    foreach (IActorRef actor in all)
                    {
                        actor.Tell(number);
                    }
                }
            },
            TaskCreationOptions.LongRunning)));
        Assert.True(
            SpinWait.SpinUntil(
                () => Volatile.Read(ref handled) + Volatile.Read(ref dead) == actors * messagesEach,
                HangLimit),
            $"{handled} handled and {dead} dead letters of {actors * messagesEach}");
        Assert.Equal(actors * messagesEach / 2, handled);
        await system.Terminate().WaitAsync(HangLimit);
    }

    [Fact]
    public async Task Watches_begun_while_actors_end_are_all_answered()
    {
        ActorSystem system = ActorSystem.Create("watches");
        TaskCompletionSource done = new();
        IActorRef watcher = system.ActorOf(new Props(() => new WatchesAll(2_000, done)));
        for (int count = 0; count < 2_000; count++)
        {
            IActorRef actor = system.ActorOf(new Props(static () => new Echo()));
            watcher.Tell(actor);
            system.Stop(actor);
        }

        await done.Task.WaitAsync(HangLimit);
        await system.Terminate().WaitAsync(HangLimit);
    }

    [Fact]
    public async Task Ask_works_on_real_time_and_threads()
    {
        ActorSystem system = ActorSystem.Create("ask");
        IActorRef echo = system.ActorOf(new Props(static () => new Echo()));
        int[] answers = await Task.WhenAll(
            Enumerable.Range(0, 1_000).Select(number => echo.Ask<int>(number, HangLimit)));
        Assert.Equal(Enumerable.Range(0, 1_000), answers);
        await Assert.ThrowsAsync<AskTimeoutException>(
            () => echo.Ask<int>("no answer", TimeSpan.FromMilliseconds(20)));
        await system.Terminate().WaitAsync(HangLimit);
    }

    private sealed record Token(int Number, int HopsLeft);

    private sealed class OrderChecker(int producers, int messagesEach) : Actor
    {
        private readonly int[] _next = new int[producers];
        private int _inside;
        private long _left = (long)producers * messagesEach;

        internal TaskCompletionSource<string> Done { get; } = new();

        protected override void Receive(object message)
        {
            if (Interlocked.Increment(ref _inside) != 1)
            {
                Done.TrySetResult("two threads were in one actor");
            }

            (int producer, int number) = ((int, int))message;
            if (_next[producer]++ != number)
            {
                Done.TrySetResult($"producer {producer}: got {number} instead of {_next[producer] - 1}");
            }

            if (--_left == 0)
            {
                Done.TrySetResult("all in order");
            }

            Interlocked.Decrement(ref _inside);
        }
    }

    private sealed class Echo : Actor
    {
        protected override void Receive(object message)
        {
            if (message is int)
            {
                Sender.Tell(message);
            }
        }
    }

    private sealed class RingActor(Action<int> finish) : Actor
    {
        internal IActorRef Next { get; set; } = null!;

        protected override void Receive(object message)
        {
            Token token = (Token)message;
            if (token.HopsLeft == 0)
            {
                finish(token.Number);
            }
            else
            {
                Next.Tell(token with { HopsLeft = token.HopsLeft - 1 });
            }
        }
    }

    private sealed class StopsAt(int messages, Action handled) : Actor
    {
        private int _left = messages;

        protected override void Receive(object message)
        {
            handled();
            if (--_left == 0)
            {
                Context.Stop(Self);
            }
        }
    }

    private sealed class WatchesAll(int expected, TaskCompletionSource done) : Actor
    {
        private int _left = expected;

        protected override void Receive(object message)
        {
            if (message is IActorRef actor)
            {
                Context.Watch(actor);
            }
            else if (message is Terminated && --_left == 0)
            {
                done.TrySetResult();
            }
        }
    }

    private sealed class CountingRef(Action count) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) => count();
    }

    private sealed class SpinRef : CallbackRef
    {
        private int _last = -1;

        internal void SpinUntil(int number, TimeSpan limit)
        {
            if (Volatile.Read(ref _last) != number
                && !SpinWait.SpinUntil(() => Volatile.Read(ref _last) == number, limit))
            {
                throw new TimeoutException($"answer {number} never came");
            }
        }

        protected override void OnMessage(object message, IActorRef? sender) =>
            Volatile.Write(ref _last, (int)message);
    }
}
