using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Actors.Remoting;
using Replication.Cluster;
using Replication.Cluster.Embedded;
using Replication.Cluster.Membership;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Events;
using Replication.Gateway.Exports;
using Replication.Gateway.Listening;
using Replication.Gateway.Nbd;
using Replication.Gateway.Qmp;
using Replication.Gateway.Qmp.Commands;
using Replication.Host.Logging;
using Replication.Host.Output;
using Replication.Messages.Codecs;

namespace Replication.Host.Demo;

/// <summary>
/// The gateway within this process: the record of volumes, the volumes themselves, and the doors.
/// </summary>
internal sealed class DemoGateway : IAsyncDisposable
{
    private const string SystemName = "gateway";

    /// <summary>How long closing the volumes may take before the process ends all the same.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(20);

    private readonly ActorSystem _system;
    private readonly Remoting _remoting;
    private readonly EmbeddedStore _store;
    private readonly NodeDirectory _nodes;
    private readonly ExportCatalog _exports = new();
    private readonly NbdServer _nbd;
    private QmpServer? _qmp;

    private DemoGateway(ActorSystem system, EmbeddedStore store, EventLog events, NodeDirectory nodes)
    {
        _system = system;
        _nodes = nodes;
        _store = store;
        Events = events;
        system.EventStream.Subscribe<VolumeEvent>(new EventRecorder(events));
        ExportFeed feed = new(_exports);
        system.EventStream.Subscribe<VolumeExported>(feed);
        system.EventStream.Subscribe<VolumeWithdrawn>(feed);
        _remoting = Remoting.Start(system, new RemotingOptions { Codecs = ReplicationCodecs.All });
        VolumeSeams seams = new(
            new VolumeRecords(store), StorageOf, $"{SystemName}:{system.Uid:x16}", new VolumeSettings());
        Actor = system.ActorOf(
            GatewayActor.Props(seams, nodes.Nodes.Select(static node => node.Name)), GatewayActor.Name);
        _nbd = new NbdServer(_exports, system.Log, new NbdServerOptions());
    }

    /// <summary>Answers the administrators' messages.</summary>
    public IActorRef Actor { get; }

    /// <summary>The events of all volumes.</summary>
    public EventLog Events { get; }

    /// <summary>Starts the gateway; no door is open yet.</summary>
    /// <exception cref="StoreOpenException">The store cannot be opened.</exception>
    /// <exception cref="IOException">The events cannot be kept.</exception>
    public static async Task<DemoGateway> StartAsync(DataFolder folder, NodeDirectory nodes, LogFile log)
    {
        ActorSystem system = ActorSystem.Create(SystemName);
        log.Attach(system);
        EmbeddedStore? store = null;
        try
        {
            store = OpenStore(
                folder.Store,
                new EmbeddedStoreOptions { Log = sentence => system.Log.Warning("store", sentence) });
            EventLog events = EventLog.Open(
                Path.Combine(folder.Gateway, "events"),
                new EventLogOptions { Warn = sentence => system.Log.Warning("events", sentence) });
            events.Follow(line => system.Log.Info("events", EventSentence.WithoutTime(line)));
            return new DemoGateway(system, store, events, nodes);
        }
        catch
        {
            store?.Dispose();
            await system.Terminate();
            throw;
        }
    }

    /// <summary>Opens QMP, by which the service can be asked and stopped.</summary>
    /// <exception cref="ListenException">The address cannot be had.</exception>
    public void OpenQmp(ListenAddress address, IReadOnlyList<string> nodes, Action stop)
    {
        QmpCommandTable commands = new(
        [
            new QueryVersionCommand(),
            new QueryVolumesCommand(Actor),
            new QueryEventsCommand(Events),
            new VolumeCreateCommand(Actor, nodes),
            new QuitCommand(stop),
        ]);
        _qmp = QmpServer.Start(address, commands, Events, _system.Log);
    }

    /// <summary>Opens NBD for whatever volumes there are.</summary>
    /// <returns>Where it really is.</returns>
    /// <exception cref="ListenException">The address cannot be had.</exception>
    public ListenAddress OpenNbd(ListenAddress address) => _nbd.Listen(address.ToString());

    /// <summary>
    /// Closes everything in the order that loses nothing: first the clients, then the volumes with their
    /// replicas, then what they were kept by.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _nbd.StopAsync();
        try
        {
            await Actor.Ask<GatewayClosed>(new CloseGateway(), CloseTimeout);
        }
        catch (AskTimeoutException late)
        {
            _system.Log.Warning(SystemName, $"volumes were not closed cleanly: {late.Message}");
        }

        if (_qmp is not null)
        {
            await _qmp.DisposeAsync();
        }

        await _remoting.Stop();
        await _system.Terminate();
        _store.Dispose();
        await Events.DisposeAsync();
    }

    /// <summary>The store; a refusal names the folder.</summary>
    /// <exception cref="StoreOpenException">It cannot be opened.</exception>
    internal static EmbeddedStore OpenStore(string folder, EmbeddedStoreOptions options)
    {
        try
        {
            return EmbeddedStore.Open(folder, options);
        }
        catch (StoreOpenException refused) when (!refused.Message.Contains(folder, StringComparison.Ordinal))
        {
            throw new StoreOpenException($"{folder}: {refused.Message}", refused);
        }
    }

    private IActorRef StorageOf(string node) => _nodes.TryGetAddress(node, out string? address)
        ? _remoting.ActorFor(address, DemoNode.StorageActorName)
        : throw new InvalidOperationException($"no storage node is called '{node}'");
}
