using Replication.Actors;
using Replication.Messages;
using Replication.Messages.Digests;
using Replication.ReplicaNode.Observing;
using Replication.ReplicaNode.Replicas;

namespace Replication.ReplicaNode.Tests.Replicas;

/// <summary>What reports of a replica's answers cost while nobody listens.</summary>
public sealed class AnswerCostTests
{
    [Fact]
    public void An_answer_is_reported_without_an_allocation()
    {
        ReplicaAnswers answers = new(
            new ReplicaIdentity("demo", Guid.Empty, Guid.Empty, 1 << 20),
            new Nobody(),
            NoReplicaObserver.Instance,
            TimeProvider.System);
        ReadReplica read = new(1, default, 0, 4096, ReplicaReadMode.Data, DigestKind.Xxh128);
        AskedRequest asked = new(read, new Nobody(), ArrivedAt: 0);
        ReplicaDone done = new(1);
        answers.Send(asked, done);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int count = 0; count < 1000; count++)
        {
            answers.Send(asked, done);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private sealed class Nobody : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender)
        {
            // Answers are of no interest here.
        }
    }
}
