using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Coordinator.Entry;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>How commands ask the gateway actor.</summary>
internal static class GatewayCalls
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Carries out a request: what <paramref name="answered"/> makes of its answer, or what was refused, with
    /// the whole reason.
    /// </summary>
    public static async ValueTask<QmpResult> RunAsync<TAnswer>(
        IActorRef gateway, object request, Func<TAnswer, QmpResult> answered)
    {
        object answer = await AskAsync(gateway, request);
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
    public static async Task<object> AskAsync(IActorRef gateway, object request)
    {
        try
        {
            return await gateway.Ask<object>(request, AnswerTimeout);
        }
        catch (AskTimeoutException)
        {
            return QmpError.Generic(
                $"The gateway did not answer within {AnswerTimeout.TotalSeconds:F0} s; "
                    + "what became of the request is unknown");
        }
    }
}
