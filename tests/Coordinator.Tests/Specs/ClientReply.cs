using Replication.Actors;
using Replication.Messages;
using Replication.TestKit;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>A client that asked one thing: what it was told, and when.</summary>
internal sealed class ClientReply(TestKitBase kit, BufferLedger buffers, RangeRequest request) : CallbackRef
{
    internal RangeRequest Request { get; } = request;

    internal List<RangeReply> Replies { get; } = [];

    /// <summary>Virtual time of the first reply.</summary>
    internal TimeSpan AnsweredAt { get; private set; }

    internal byte[] Bytes { get; private set; } = [];

    internal bool IsAnswered => Replies.Count > 0;

    internal T Expect<T>(TimeSpan? timeout = null)
        where T : RangeReply
    {
        kit.AwaitCondition(() => IsAnswered, timeout, $"an answer to {Request}");
        return Assert.IsType<T>(Replies[0]);
    }

    internal void ExpectErrno(int errno, TimeSpan? timeout = null) =>
        Assert.Equal(errno, Expect<RangeFailed>(timeout).Errno);

    protected override void OnMessage(object message, IActorRef? sender)
    {
        AnsweredAt = IsAnswered ? AnsweredAt : kit.World.Elapsed;
        Replies.Add((RangeReply)message);
        if (message is RangeRead read)
        {
            Bytes = read.Data.Span.ToArray();
            buffers.Watch(read.Data).Release();
        }
    }
}
