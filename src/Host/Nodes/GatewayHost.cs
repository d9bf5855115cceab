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
using Replication.Gateway.Http;
using Replication.Gateway.Listening;
using Replication.Gateway.Metrics.Sources;
using Replication.Gateway.Nbd;
using Replication.Gateway.Qmp;
using Replication.Host.Configuration;
using Replication.Host.Logging;
using Replication.Host.Output;
using Replication.Host.Telemetry;
using Replication.Messages.Codecs;

namespace Replication.Host.Nodes;

/// <summary>
/// The gateway role of a node: the records of volumes, the volumes themselves, and the doors.
/// </summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    /// <summary>How long closing the volumes may take before the process ends all the same.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(20);

    private readonly ActorSystem _system;
    private readonly Remoting _remoting;
    private readonly EmbeddedStore _store;
    private readonly NodeDirectory _nodes;
    private readonly ExportCatalog _exports = new();
    private readonly NbdDoor _nbd;
    private readonly ClusterConfiguration _settings;
    private QmpServer? _qmp;

    private GatewayHost(
        ActorSystem system,
        EmbeddedStore store,
        EventLog events,
        NodeDirectory nodes,
        ClusterConfiguration settings,
        LogFile log,
        ProcessTelemetry telemetry)
    {
        _system = system;
        _settings = settings;
        _nodes = nodes;
        _store = store;
        Events = events;
        system.EventStream.Subscribe<VolumeEvent>(new EventRecorder(events));
        ExportFeed feed = new(_exports, system.Log);
        system.EventStream.Subscribe<VolumeExported>(feed);
        system.EventStream.Subscribe<VolumeWithdrawn>(feed);
        system.EventStream.Subscribe<VolumeHeldBack>(feed);
        system.EventStream.Subscribe<VolumeRemoved>(feed);
        _remoting = Remoting.Start(
            system, settings.Remoting with { Listen = null, Codecs = ReplicationCodecs.All });
        StoreMetrics measured = new(store, telemetry.Mirrors);
        RequestMetrics requests = new(system.Options.Time, telemetry.Mirrors);
        EventMetrics counted = new();
        system.EventStream.Subscribe<VolumeEvent>(counted);
        VolumeSeams seams = new(
            new VolumeRecords(measured), StorageOf, $"{system.Name}:{system.Uid:x16}", settings.Gateway)
        {
            Observer = new RequestObservers(
                [requests, .. NodeObservers.OfRequests(system, settings.Log, log, telemetry)]),
        };
        Actor = system.ActorOf(
            GatewayActor.Props(seams, nodes.Nodes.Select(static node => node.Name)), GatewayActor.Name);
        _nbd = new NbdDoor(_exports, system.Log, settings.Nbd);
        telemetry.AddNumbers(
            requests,
            new VolumeMetrics(Actor, requests),
            counted,
            measured,
            new NbdMetrics(() => _nbd.Load, _exports),
            new QueueMetrics(system, _remoting));
        telemetry.AddCheck(new GatewayReadiness(Actor, measured));
    }

    /// <summary>Answers the administrators' messages.</summary>
    public IActorRef Actor { get; }

    /// <summary>The events of all volumes.</summary>
    public EventLog Events { get; }

    /// <summary>Starts the gateway; no door is open yet.</summary>
    /// <param name="node">Its name and folder.</param>
    /// <param name="nodes">The storage nodes.</param>
    /// <param name="settings">The rest.</param>
    /// <param name="log">Stays its owner's.</param>
    /// <param name="telemetry">Gets its numbers; stays its owner's.</param>
    /// <exception cref="StoreOpenException">The store cannot be opened.</exception>
    /// <exception cref="IOException">The events cannot be kept.</exception>
    public static async Task<GatewayHost> StartAsync(
        NodeConfiguration node,
        NodeDirectory nodes,
        ClusterConfiguration settings,
        LogFile log,
        ProcessTelemetry telemetry)
    {
        ActorSystem system = ActorSystem.Create(node.Name);
        log.Attach(system);
        EmbeddedStore? store = null;
        try
        {
            store = OpenStore(
                StoreFolder(node.Data),
                new EmbeddedStoreOptions { Log = sentence => system.Log.Warning("store", sentence) });
            EventLog events = EventLog.Open(
                Path.Combine(node.Data, "events"),
                settings.Events with { Warn = sentence => system.Log.Warning("events", sentence) });
            events.Follow(line => LogEvent(system, line));
            return new GatewayHost(system, store, events, nodes, settings, log, telemetry);
        }
        catch
        {
            store?.Dispose();
            await system.Terminate();
            throw;
        }
    }

    /// <summary>The folder of the volumes' records within a gateway's folder.</summary>
    public static string StoreFolder(string data) => Path.Combine(data, "store");

    /// <summary>Opens QMP, by which the service can be asked and stopped.</summary>
    /// <exception cref="ListenException">The address cannot be had.</exception>
    public void OpenQmp(ListenAddress address, Action stop)
    {
        GatewayCommands commands = new()
        {
            Gateway = Actor,
            GatewayName = _system.Name,
            Nodes = _nodes,
            Events = Events,
            Exports = _exports,
            Nbd = _nbd,
            Stop = stop,
            ConfiguredVolumes = [.. _settings.Volumes.Select(static wish => wish.Name)],
        };
        _qmp = QmpServer.Start(
            address,
            commands.ToTable(),
            Events,
            _system.Log,
            new QmpServerOptions { SessionsMax = _settings.QmpSessionsMax });
    }

    /// <summary>Opens NBD for whatever volumes there are.</summary>
    /// <returns>Where it really is.</returns>
    /// <exception cref="ListenException">The address cannot be had.</exception>
    public ListenAddress OpenNbd(ListenAddress address) => _nbd.TryOpen(address)
        ?? throw new InvalidOperationException("NBD is open already");

    /// <summary>
    /// Closes everything in the order that loses nothing: first the clients, then the volumes with their
    /// replicas, then what they were kept by.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _nbd.DisposeAsync();
        try
        {
            await Actor.Ask<GatewayClosed>(new CloseGateway(), CloseTimeout);
        }
        catch (AskTimeoutException late)
        {
            _system.Log.Warning(_system.Name, $"volumes were not closed cleanly: {late.Message}");
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

    /// <summary>
    /// What single requests found wrong is left out: <see cref="RequestLog"/> says it with their ids.
    /// </summary>
    private static void LogEvent(ActorSystem system, string line)
    {
        if (!EventSentence.IsOfOneRequest(line))
        {
            system.Log.Info("events", EventSentence.WithoutTime(line));
        }
    }

    private IActorRef StorageOf(string node) => _nodes.TryGetAddress(node, out string? address)
        ? _remoting.ActorFor(address, StorageHost.StorageActorName)
        : throw new InvalidOperationException($"no storage node is called '{node}'");
}
