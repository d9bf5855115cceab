using System.Collections.Immutable;
using Replication.Actors.Remoting;
using Replication.Actors.Remoting.InProcess;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Events;
using Replication.Gateway.Nbd;
using Replication.Gateway.Qmp;
using Replication.Host.Logging;
using Replication.Host.Telemetry;

namespace Replication.Host.Configuration;

/// <summary>
/// All settings of all nodes; a new one has the defaults that cluster.hocon at the top of the project shows.
/// </summary>
internal sealed record ClusterConfiguration
{
    /// <summary><c>nodes</c>: who there is, in the order in which new volumes are placed.</summary>
    public ImmutableArray<NodeConfiguration> Nodes { get; init; } = [];

    /// <summary><c>volumes</c>: what the gateway makes at its start where it is not there.</summary>
    public ImmutableArray<VolumeWish> Volumes { get; init; } = [];

    /// <summary><c>volume</c>: what those get where they say nothing.</summary>
    public VolumeDefaults Volume { get; init; } = new();

    /// <summary><c>storage</c>.</summary>
    public StorageSettings Storage { get; init; } = new();

    /// <summary><c>gateway</c>.</summary>
    public VolumeSettings Gateway { get; init; } = new();

    /// <summary><c>gateway.events</c>.</summary>
    public EventLogOptions Events { get; init; } = new();

    /// <summary><c>cluster.name</c> and <c>remoting</c>; where to listen is each node's own.</summary>
    public RemotingOptions Remoting { get; init; } = new();

    /// <summary><c>nbd</c>.</summary>
    public NbdServerOptions Nbd { get; init; } = new();

    /// <summary><c>nbd.listen</c>: see <see cref="Gateway.Listening.ListenAddress"/>.</summary>
    public string NbdListen { get; init; } = "127.0.0.1:10809";

    /// <summary><c>qmp.listen</c>: the same.</summary>
    public string QmpListen { get; init; } = "unix:qmp.sock";

    /// <summary><c>qmp.sessions-max</c>.</summary>
    public int QmpSessionsMax { get; init; } = QmpServer.SessionsMaxDefault;

    /// <summary><c>http.listen</c>: HOST:PORT; null for no HTTP.</summary>
    public string? HttpListen { get; init; }

    /// <summary><c>otlp</c>.</summary>
    public OtlpSettings Otlp { get; init; } = new();

    /// <summary><c>log</c>.</summary>
    public LogSettings Log { get; init; } = new();

    /// <summary>The same for one process: what it runs of the cluster needs no sockets in between.</summary>
    public ClusterConfiguration ForOneProcess() => this with
    {
        Remoting = Remoting with { Transport = new InProcessTransport(Remoting.Transport) },
    };
}
