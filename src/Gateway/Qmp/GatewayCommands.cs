using Replication.Actors;
using Replication.Cluster.Membership;
using Replication.Gateway.Events;
using Replication.Gateway.Qmp.Commands;

namespace Replication.Gateway.Qmp;

/// <summary>What the commands of a gateway work on; all of it stays its owner's.</summary>
public sealed record GatewayCommands
{
    /// <summary>Answers the messages of Coordinator.Entry.</summary>
    public required IActorRef Gateway { get; init; }

    /// <summary>The gateway's own name.</summary>
    public required string GatewayName { get; init; }

    /// <summary>The storage nodes, in the order in which volumes are placed.</summary>
    public required NodeDirectory Nodes { get; init; }

    /// <summary>The events of all volumes.</summary>
    public required EventLog Events { get; init; }

    /// <summary>Asks the process to stop; returns at once.</summary>
    public required Action Stop { get; init; }

    /// <summary>All commands, for one server.</summary>
    public QmpCommandTable ToTable() => new(
    [
        new ChildAddCommand(Gateway),
        new ChildRemoveCommand(Gateway),
        new QueryClusterCommand(Gateway, GatewayName, Nodes),
        new QueryEventsCommand(Events),
        new QueryVersionCommand(),
        new QueryVolumesCommand(Gateway),
        new QuitCommand(Stop),
        new VolumeCreateCommand(Gateway, [.. Nodes.Nodes.Select(static node => node.Name)]),
        new VolumeDeleteCommand(Gateway),
        new VolumeReopenCommand(Gateway),
    ]);
}
