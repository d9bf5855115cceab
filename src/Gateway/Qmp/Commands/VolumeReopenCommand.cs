using Replication.Actors;
using Replication.Coordinator.Entry;

namespace Replication.Gateway.Qmp.Commands;

/// <summary><c>volume-reopen</c>: starts a volume again that blkverify has stopped.</summary>
/// <param name="gateway">Answers ReopenVolume.</param>
public sealed class VolumeReopenCommand(IActorRef gateway) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "volume-reopen";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        string name = arguments.String("name");
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        return await GatewayCalls.RunAsync<VolumeReady>(
            gateway,
            new ReopenVolume(name),
            static ready => QmpResult.Return(VolumeJson.Describe(ready.Status)));
    }
}
