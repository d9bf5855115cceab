using Replication.Actors;

namespace Replication.Micro;

/// <summary>
/// Keeps a number of messages on their way to another actor and back, until as many answers have come as
/// wanted. A <see cref="Round"/> starts it.
/// </summary>
internal sealed class PingActor(IActorRef target, object ball) : Actor
{
    private Round _round = null!;
    private int _toSend;
    private int _toReceive;

    protected override void Receive(object message)
    {
        if (message is Round round)
        {
            _round = round;
            _toSend = round.Count - round.InFlight;
            _toReceive = round.Count;
            for (int sent = 0; sent < round.InFlight; sent++)
            {
                target.Tell(ball, Self);
            }

            return;
        }

        if (_toSend > 0)
        {
            _toSend--;
            target.Tell(ball, Self);
        }

        if (--_toReceive == 0)
        {
            _round.Done.SetResult();
        }
    }

    /// <summary>So many messages, so many of them at the same time.</summary>
    internal sealed record Round(int Count, int InFlight)
    {
        internal TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
