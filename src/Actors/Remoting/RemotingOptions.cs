using Replication.Actors.Remoting.Codecs;
using Replication.Actors.Remoting.Handshake;
using Replication.Actors.Remoting.Sockets;
using Replication.Actors.Remoting.Transports;

namespace Replication.Actors.Remoting;

/// <summary>How a system meets others.</summary>
public sealed record RemotingOptions
{
    /// <summary>Only systems of the same cluster name talk to each other.</summary>
    public string ClusterName { get; init; } = "replication";

    /// <summary>
    /// Where to listen, such as <c>tcp:127.0.0.1:0</c> or <c>unix:/run/node.sock</c>; null: nowhere.
    /// </summary>
    public string? Listen { get; init; }

    /// <summary>The network: sockets, or a simulation's.</summary>
    public ITransport Transport { get; init; } = SocketTransport.Instance;

    /// <summary>Codecs of all messages that may cross.</summary>
    public IReadOnlyList<IMessageCodec> Codecs { get; init; } = [];

    /// <summary>How often a sign of life is sent.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A peer that nothing came from for this long is lost.</summary>
    public TimeSpan AcceptablePause { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a connection may take to come about, and again its handshake.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The wait after a first failure; it doubles with each one that follows.</summary>
    public TimeSpan BackoffMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait between two attempts.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Bound of each connection's queue, in bytes of payload and 512 a message; what exceeds it becomes dead
    /// letters.
    /// </summary>
    public long QueueMaxBytes { get; init; } = 256L << 20;

    /// <summary>The protocol version to speak: this one also accepts the one before.</summary>
    public ushort ProtocolVersion { get; init; } = ProtocolVersions.Current;
}
