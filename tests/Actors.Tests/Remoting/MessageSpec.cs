using Replication.Actors.Asking;
using Replication.Actors.Buffers;
using Replication.Actors.Events;
using Replication.Actors.Remoting;
using Replication.TestKit;

namespace Replication.Actors.Tests.Remoting;

/// <summary>Messages across a link: answers, order, payloads, bounds, and what cannot be sent.</summary>
public sealed class MessageSpec : RemotingSpecBase
{
    [Fact]
    public void A_message_to_a_name_is_answered_to_its_sender()
    {
        StartBoth();
        ExpectEchoes(Echo);
    }

    [Fact]
    public void The_sender_of_an_answer_is_a_ref_to_send_to()
    {
        StartBoth();
        ExpectEchoes(Echo);
        IActorRef byNumber = Probe.LastSender;
        ExpectEchoes(byNumber);
        Assert.Equal(byNumber, Probe.LastSender);
        Assert.Equal(byNumber.GetHashCode(), Probe.LastSender.GetHashCode());
        Assert.NotEqual(byNumber, Echo);
    }

    [Fact]
    public void Messages_of_one_sender_keep_their_order()
    {
        StartBoth();
        ExpectEchoes(Echo, 5000);
    }

    [Fact]
    public void Payloads_cross_in_pieces_of_any_size()
    {
        StartBoth();
        foreach (int size in new[] { 1, 4096, 4097, 33_000, 65_536, 300_000, 2_000_000 })
        {
            byte[] content = new byte[size];
            World.Random("content").NextBytes(content);
            Probe.Send(Echo, new Ping(size, PooledBuffer.CopyOf(content)));
            Pong pong = ExpectMsg<Pong>();
            Assert.True(pong.Payload!.Span.SequenceEqual(content));
            pong.Payload.Release();
        }
    }

    /// <summary>After a large one less is asked for at once: nothing may depend on what comes next.</summary>
    [Fact]
    public void Large_and_small_messages_follow_each_other_in_order()
    {
        StartBoth();
        int[] sizes = [65_536, 65_536, 1, 100_000, 600, 0, 0, 33_000, 32_000, 300_000, 4096, 70_000];
        byte[][] contents = [.. sizes.Select(size => new byte[size])];
        for (int number = 0; number < sizes.Length; number++)
        {
            World.Random("content").NextBytes(contents[number]);
            PooledBuffer? payload = sizes[number] == 0 ? null : PooledBuffer.CopyOf(contents[number]);
            Probe.Send(Echo, new Ping(number, payload));
        }

        for (int number = 0; number < sizes.Length; number++)
        {
            Pong pong = ExpectMsg<Pong>();
            Assert.Equal(number, pong.Number);
            Assert.Equal(contents[number], pong.Payload is null ? [] : pong.Payload.Span.ToArray());
            pong.Payload?.Release();
        }
    }

    [Fact]
    public void The_payload_of_a_sent_message_is_released()
    {
        StartBoth();
        PooledBuffer small = PooledBuffer.CopyOf(new byte[100]);
        PooledBuffer large = PooledBuffer.CopyOf(new byte[100_000]);
        Probe.Send(Echo, new Ping(1, small));
        Probe.Send(Echo, new Ping(2, large));
        ReceiveN(2);
        Assert.Throws<InvalidOperationException>(() => small.Memory);
        Assert.Throws<InvalidOperationException>(() => large.Memory);
    }

    [Fact]
    public async Task An_ask_across_the_link_gets_its_one_answer()
    {
        StartBoth();
        Task<Pong> answer = Echo.Ask<Pong>(new Ping(7), TimeSpan.FromSeconds(5), World.Node(Here).Time);
        AwaitCondition(() => answer.IsCompleted);
        Assert.Equal(7, (await answer).Number);
    }

    [Fact]
    public void A_second_answer_to_an_ask_is_a_dead_letter()
    {
        StartBoth();
        ThereSystem.ActorOf(Props.Create(static () => new TwiceActor()), "twice");
        IActorRef twice = Remoting.ActorFor(ThereAddress, "twice");
        EventFilter.DeadLetter<Pong>(static pong => pong.Number == 2).ExpectOne(
            () => _ = twice.Ask<Pong>(new Ping(1), TimeSpan.FromSeconds(5), World.Node(Here).Time));
    }

    [Fact]
    public void A_message_to_an_unknown_name_is_a_dead_letter_there()
    {
        StartBoth();
        EventFilter.DeadLetter<Ping>(system: ThereSystem).ExpectOne(
            () => Probe.Send(Remoting.ActorFor(ThereAddress, "nobody"), new Ping(1)));
    }

    [Fact]
    public void A_message_to_an_actor_that_has_ended_is_a_dead_letter_there()
    {
        StartBoth();
        ExpectEchoes(Echo);
        IActorRef ended = Probe.LastSender;
        ThereSystem.Stop(ThereSystem.Find("echo")!);
        Settle();
        EventFilter.DeadLetter<Ping>(system: ThereSystem).ExpectOne(() => Probe.Send(ended, new Ping(1)));
    }

    [Fact]
    public void A_message_without_a_codec_is_a_dead_letter_and_an_error_in_the_log()
    {
        StartBoth();
        EventFilter.Error("has no codec").ExpectOne(
            () => EventFilter.DeadLetter<Unspeakable>().ExpectOne(() => Probe.Send(Echo, new Unspeakable())));
    }

    [Fact]
    public void A_message_that_its_codec_cannot_write_does_not_stop_those_behind_it()
    {
        StartBoth();
        EventFilter.DeadLetter<Unwritable>().ExpectOne(() => Probe.Send(Echo, new Unwritable()));
        ExpectEchoes(Echo);
    }

    [Fact]
    public void What_exceeds_the_queue_becomes_dead_letters_and_the_log_says_so_once()
    {
        StartBoth(Defaults with { QueueMaxBytes = 100 * 1024 });
        ExpectEchoes(Echo);
        Network.CutOneWay(Here, There);
        int dropped = 0;
        Sys.EventStream.Subscribe<DeadLetter>(new Counter(() => dropped++));
        EventFilter.Warning("queue is full").ExpectOne(
            () =>
            {
                for (int number = 0; number < 40; number++)
                {
                    Probe.Send(Echo, new Ping(number, PooledBuffer.Rent(50_000)));
                    Settle();
                }
            },
            TimeSpan.FromMilliseconds(100));

        // The network took 256 KiB and one batch more, and the queue holds 100 KiB; all else was dropped.
        Assert.InRange(dropped, 25, 38);
    }

    [Fact]
    public void What_waits_for_a_peer_can_be_seen_from_outside_under_its_name()
    {
        StartBoth();
        ExpectEchoes(Echo);
        Assert.Equal([new LinkQueue(There, 0, 0)], Remoting.Queues());
        Assert.Equal([new LinkQueue(Here, 0, 0)], ThereRemoting.Queues());
        Network.CutOneWay(Here, There);
        const int PayloadBytes = 50_000;
        for (int number = 0; number < 40; number++)
        {
            Probe.Send(Echo, new Ping(number, PooledBuffer.Rent(PayloadBytes)));
        }

        Settle();

        // The network took 256 KiB and one batch more.
        LinkQueue queue = Assert.Single(Remoting.Queues());
        Assert.Equal(There, queue.Peer);
        Assert.InRange(queue.Frames, 15, 38);
        Assert.Equal(
            queue.Frames * (PayloadBytes + (long)RemotingLimits.QueuedMessageBytes), queue.Bytes);
        Advance(Defaults.AcceptablePause * 2);
        Assert.DoesNotContain(Remoting.Queues(), static left => left.Frames > 0);
    }

    [Fact]
    public void Messages_told_while_connecting_wait_for_the_link()
    {
        StartHere();
        Probe.Send(Echo, new Ping(1));
        StartThere();
        ExpectMsg(new Pong(1));
    }

    /// <summary>Counts what it is told.</summary>
    private sealed class Counter(Action count) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) => count();
    }

    /// <summary>Answers twice.</summary>
    private sealed class TwiceActor : Actor
    {
        protected override void Receive(object message)
        {
            Sender.Tell(new Pong(1), Self);
            Sender.Tell(new Pong(2), Self);
        }
    }
}
