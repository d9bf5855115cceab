using Replication.Actors;
using Replication.Coordinator.Entry;
using Replication.Gateway.Qmp.Blocks;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>How commands ask the gateway actor. Safe from any thread.</summary>
/// <param name="gateway">Answers the messages of Coordinator.Entry.</param>
/// <param name="answerTimeout">How long a command waits for an answer.</param>
public sealed class GatewayCalls(IActorRef gateway, TimeSpan answerTimeout)
{
    /// <summary>
    /// Carries out a request: what <paramref name="answered"/> makes of its answer, or what was refused, with
    /// the whole reason.
    /// </summary>
    /// <param name="request">What.</param>
    /// <param name="answered">Makes the result.</param>
    /// <param name="claims">Are held until the gateway has answered, however long that takes.</param>
    internal async ValueTask<QmpResult> RunAsync<TAnswer>(
        object request, Func<TAnswer, QmpResult> answered, params NameClaim?[] claims)
    {
        object answer = await AskAsync(request, claims);
        return answer switch
        {
            TAnswer expected => answered(expected),
            AdminRefused refused => QmpResult.Fail(refused.Reason),
            QmpError error => QmpResult.Fail(error),
            _ => throw new InvalidOperationException(
                $"{request.GetType().Name} was answered by {answer.GetType().Name}"),
        };
    }

    /// <summary>
    /// The answer, or a <see cref="QmpError"/> when none came: what became of the request is unknown then.
    /// </summary>
    internal async Task<object> AskAsync(object request, params NameClaim?[] claims)
    {
        Answer answer = new();
        foreach (NameClaim? claim in claims)
        {
            claim?.HoldUntil(answer.Task);
        }

        gateway.Tell(request, answer);
        try
        {
            return await answer.Task.WaitAsync(answerTimeout);
        }
        catch (TimeoutException)
        {
            return QmpError.Generic(
                $"The gateway did not answer within {answerTimeout.TotalSeconds:F0} s; "
                    + "what became of the request is unknown");
        }
    }

    /// <summary>A ref whose first message completes a task, also after nobody waits for it.</summary>
    private sealed class Answer : CallbackRef
    {
        private readonly TaskCompletionSource<object> _first =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<object> Task => _first.Task;

        protected override void OnMessage(object message, IActorRef? sender) => _first.TrySetResult(message);
    }
}
