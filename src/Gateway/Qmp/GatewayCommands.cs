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

    /// <summary>Names of the volumes that the next start makes where they are not there.</summary>
    public IReadOnlyCollection<string> ConfiguredVolumes { get; init; } = [];

    /// <summary>
    /// How long a command waits for the gateway's answer; then it is answered that what became of the request
    /// is unknown.
    /// </summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>All commands, for one server, with a block graph of their own.</summary>
    public QmpCommandTable ToTable()
    {
        GatewayCalls calls = new(Gateway, AnswerTimeout);
        BlockGraph graph = new(calls);
        return new QmpCommandTable([.. BlockCommands(calls, graph), .. OwnCommands(calls, graph)]);
    }

    /// <summary>QEMU's.</summary>
    private IEnumerable<IQmpCommand> BlockCommands(GatewayCalls gateway, BlockGraph graph) =>
    [
        new BlockdevAddCommand(gateway, graph, Nodes),
        new BlockdevChangeCommand(gateway, graph),
        new BlockdevDelCommand(gateway, graph),
        new BlockExportAddCommand(gateway, graph, Nbd),
        new BlockExportDelCommand(gateway, graph, Exports),
        new NbdServerStartCommand(Nbd),
        new NbdServerStopCommand(gateway, graph, Nbd),
        new QueryBlockExportsCommand(graph),
        new QueryNamedBlockNodesCommand(graph),
        new QueryVersionCommand(),
        new QuitCommand(Stop),
    ];

    /// <summary>Ours.</summary>
    private IEnumerable<IQmpCommand> OwnCommands(GatewayCalls gateway, BlockGraph graph) =>
    [
        new ChildAddCommand(gateway, graph),
        new ChildRemoveCommand(gateway),
        new QueryClusterCommand(gateway, GatewayName, Nodes),
        new QueryEventsCommand(Events),
        new QueryEventsSinceCommand(Events),
        new QueryVolumesCommand(gateway),
        new VolumeCreateCommand(gateway, graph, [.. Nodes.Nodes.Select(static node => node.Name)]),
        new VolumeDeleteCommand(gateway, graph, ConfiguredVolumes),
        new VolumeReopenCommand(gateway),
    ];
}
