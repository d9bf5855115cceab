using Replication.Actors;
using Replication.Actors.Asking;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>How commands ask the gateway actor.</summary>
internal static class GatewayCalls
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

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
