using Replication.Actors;
using Replication.Coordinator.Entry;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>child-remove</c>: takes a child out of a volume, and its replica to its node's trash.
/// </summary>
/// <param name="gateway">Answers RemoveChild.</param>
public sealed class ChildRemoveCommand(IActorRef gateway) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "child-remove";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        string volume = arguments.String("volume");
        string child = arguments.String("child");
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        object answer = await GatewayCalls.AskAsync(gateway, new RemoveChild(volume, child));
        return answer switch
        {
            ChildRemoved => QmpResult.Empty,
            AdminRefused refused => QmpResult.Fail(refused.Reason),
            QmpError error => QmpResult.Fail(error),
            _ => throw new InvalidOperationException($"RemoveChild was answered by {answer.GetType().Name}"),
        };
    }
}
