using Replication.Actors;
using Replication.Cluster.Membership;
using Replication.Gateway.Events;
using Replication.Gateway.Exports;
using Replication.Gateway.Nbd;
using Replication.Gateway.Qmp.Blocks;
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

    /// <summary>What NBD clients can reach.</summary>
    public required ExportCatalog Exports { get; init; }

    /// <summary>The NBD server.</summary>
    public required INbdDoor Nbd { get; init; }

    /// <summary>All commands, for one server, with a block graph of their own.</summary>
    public QmpCommandTable ToTable()
    {
        BlockGraph graph = new(Gateway);
        return new QmpCommandTable([.. BlockCommands(graph), .. OwnCommands(graph)]);
    }

    /// <summary>QEMU's.</summary>
    private IEnumerable<IQmpCommand> BlockCommands(BlockGraph graph) =>
    [
        new BlockdevAddCommand(Gateway, graph, Nodes),
        new BlockdevChangeCommand(Gateway, graph),
        new BlockdevDelCommand(Gateway, graph),
        new BlockExportAddCommand(Gateway, graph, Nbd),
        new BlockExportDelCommand(Gateway, graph, Exports),
        new NbdServerStartCommand(Nbd),
        new NbdServerStopCommand(Gateway, graph, Nbd),
        new QueryBlockExportsCommand(graph),
        new QueryNamedBlockNodesCommand(graph),
        new QueryVersionCommand(),
        new QuitCommand(Stop),
    ];

    /// <summary>Ours.</summary>
    private IEnumerable<IQmpCommand> OwnCommands(BlockGraph graph) =>
    [
        new ChildAddCommand(Gateway, graph),
        new ChildRemoveCommand(Gateway),
        new QueryClusterCommand(Gateway, GatewayName, Nodes),
        new QueryEventsCommand(Events),
        new QueryEventsSinceCommand(Events),
        new QueryVolumesCommand(Gateway),
        new VolumeCreateCommand(Gateway, graph, [.. Nodes.Nodes.Select(static node => node.Name)]),
        new VolumeDeleteCommand(Gateway),
        new VolumeReopenCommand(Gateway),
    ];
}
