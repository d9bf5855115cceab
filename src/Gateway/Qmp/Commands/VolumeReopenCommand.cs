using System.Text.Json.Nodes;
using Replication.Coordinator.Entry;

namespace Replication.Gateway.Qmp.Commands;

/// <summary><c>volume-reopen</c>: starts a volume again that blkverify has stopped.</summary>
/// <param name="gateway">Answers ReopenVolume.</param>
public sealed class VolumeReopenCommand(GatewayCalls gateway) : GatewayCommand<VolumeReady>(gateway)
{
    /// <inheritdoc/>
    public override string Name => "volume-reopen";

    /// <inheritdoc/>
    protected override object Request(QmpArguments arguments) => new ReopenVolume(arguments.String("name"));

    /// <inheritdoc/>
    protected override JsonNode Describe(VolumeReady answer) => VolumeJson.Describe(answer.Status);
}
