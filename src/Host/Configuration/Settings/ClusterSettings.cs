using Replication.Actors.Logging;
using Replication.Actors.Remoting;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Nbd;
using Replication.Host.Configuration.Hocon;
using Replication.Host.Logging;
using Replication.Host.Telemetry;
using Replication.Messages.Digests;
using Kinds = Replication.Host.Configuration.Settings.ValueKinds;

namespace Replication.Host.Configuration.Settings;

/// <summary>Every setting there is: its name, what may stand there, and where it goes.</summary>
internal static class ClusterSettings
{
    /// <summary>Owners and replicas bound the hot zones by the same number, the replica's (P7).</summary>
    private const int HotZonesMax = 4096;

    private const int ChildrenMax = RecordLimits.ChildrenMax;

    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static readonly ValueKind<TimeSpan> Short = Kinds.Duration(TimeSpan.Zero, Minute);
    private static readonly ValueKind<TimeSpan> Wait = Kinds.Duration(100 * Millisecond, Hour);
    private static readonly ValueKind<int> Count = Kinds.Integer(1, 1_000_000);
    private static readonly ValueKind<long> Amount = Kinds.Size(1L << 20, 1L << 40);

    /// <summary>The settings of one node.</summary>
    public static SettingTable<NodeConfiguration> OfNode { get; } = new(
    [
        new Setting<NodeConfiguration, IReadOnlyList<NodeRole>>(
            "roles", Kinds.Words<NodeRole>("[storage] or [gateway]"),
            static (node, value) => node with { Roles = value }),
        new Setting<NodeConfiguration, string>(
            "listen", Kinds.NodeAddress, static (node, value) => node with { Listen = value }),
        new Setting<NodeConfiguration, string>(
            "data", Kinds.Path, static (node, value) => node with { Data = value }),
        new Setting<NodeConfiguration, string>(
            "log", Kinds.Path, static (node, value) => node with { Log = value }),
        new Setting<NodeConfiguration, HttpChoice>(
            "http", Kinds.Http, static (node, value) => node with { Http = value }),
    ]);

    /// <summary>The settings of one volume.</summary>
    public static SettingTable<VolumeWish> OfVolume { get; } = new(
    [
        new Setting<VolumeWish, long>(
            "size", Kinds.VolumeSize, static (volume, value) => volume with { SizeBytes = value }),
        new Setting<VolumeWish, int>(
            "threshold", Kinds.Integer(1, ChildrenMax),
            static (volume, value) => volume with { Threshold = value }),
        new Setting<VolumeWish, bool>(
            "rewrite-corrupted", Kinds.Switch,
            static (volume, value) => volume with { RewriteCorrupted = value }),
        new Setting<VolumeWish, DigestKind>(
            "digest", Kinds.Word<DigestKind>(), static (volume, value) => volume with { Digest = value }),
        new Setting<VolumeWish, Durability>(
            "durability", Kinds.Word<Durability>(),
            static (volume, value) => volume with { Durability = value }),
        new Setting<VolumeWish, CacheLossPolicy>(
            "on-cache-loss", Kinds.Word<CacheLossPolicy>(),
            static (volume, value) => volume with { OnCacheLoss = value }),
        new Setting<VolumeWish, IReadOnlyList<string>>(
            "children", Kinds.Names, static (volume, value) => volume with { Children = value }),
    ]);

    /// <summary>All settings but those of single nodes and volumes.</summary>
    public static SettingTable<ClusterConfiguration> All { get; } = new(
        [
            .. Volume.Select(static setting => setting.In<ClusterConfiguration>(
                "volume", static all => all.Volume, static (all, value) => all with { Volume = value })),
            .. Storage.Select(static setting => setting.In<ClusterConfiguration>(
                "storage", static all => all.Storage, static (all, value) => all with { Storage = value })),
            .. Gateway.Select(static setting => setting.In<ClusterConfiguration>(
                "gateway", static all => all.Gateway, static (all, value) => all with { Gateway = value })),
            .. Remoting.Select(static setting => setting.In<ClusterConfiguration>(
                "remoting",
                static all => all.Remoting,
                static (all, value) => all with { Remoting = value })),
            .. Nbd.Select(static setting => setting.In<ClusterConfiguration>(
                "nbd", static all => all.Nbd, static (all, value) => all with { Nbd = value })),
            .. Otlp.Select(static setting => setting.In<ClusterConfiguration>(
                "otlp", static all => all.Otlp, static (all, value) => all with { Otlp = value })),
            .. Log.Select(static setting => setting.In<ClusterConfiguration>(
                "log", static all => all.Log, static (all, value) => all with { Log = value })),
            .. Others,
        ],
        new Dictionary<string, SectionReader<ClusterConfiguration>>
        {
            ["nodes"] = static (all, section) => all with { Nodes = [.. section.Members.Select(ReadNode)] },
            ["volumes"] = static (all, section) =>
                all with { Volumes = [.. section.Members.Select(ReadVolume)] },
        });

    private static Setting<VolumeDefaults>[] Volume =>
    [
        new Setting<VolumeDefaults, long>(
            "size", Kinds.VolumeSize, static (volume, value) => volume with { SizeBytes = value }),
        new Setting<VolumeDefaults, int>(
            "threshold", Kinds.Integer(0, ChildrenMax),
            static (volume, value) => volume with { Threshold = value }),
        new Setting<VolumeDefaults, bool>(
            "rewrite-corrupted", Kinds.Switch,
            static (volume, value) => volume with { RewriteCorrupted = value }),
        new Setting<VolumeDefaults, DigestKind>(
            "digest", Kinds.Word<DigestKind>(), static (volume, value) => volume with { Digest = value }),
        new Setting<VolumeDefaults, ReadPattern>(
            "read-pattern", Kinds.Word<ReadPattern>(),
            static (volume, value) => volume with { ReadPattern = value }),
        new Setting<VolumeDefaults, Durability>(
            "durability", Kinds.Word<Durability>(),
            static (volume, value) => volume with { Durability = value }),
        new Setting<VolumeDefaults, CacheLossPolicy>(
            "on-cache-loss", Kinds.Word<CacheLossPolicy>(),
            static (volume, value) => volume with { OnCacheLoss = value }),
    ];

    private static Setting<StorageSettings>[] Storage =>
    [
        new Setting<StorageSettings, int>(
            "transfer-threads", Kinds.Integer(1, 256),
            static (storage, value) => storage with { TransferThreads = value }),
        new Setting<StorageSettings, int>(
            "slow-threads", Kinds.Integer(1, 256),
            static (storage, value) => storage with { SlowThreads = value }),
    ];

    private static Setting<VolumeSettings>[] Gateway =>
    [
        new Setting<VolumeSettings, TimeSpan>(
            "child-timeout", Wait, static (gateway, value) => gateway with { ChildTimeout = value }),
        new Setting<VolumeSettings, TimeSpan>(
            "read-hedge", Short, static (gateway, value) => gateway with { ReadHedge = value }),
        new Setting<VolumeSettings, TimeSpan>(
            "open-timeout", Wait, static (gateway, value) => gateway with { OpenTimeout = value }),
        new Setting<VolumeSettings, TimeSpan>(
            "open-retry", Wait, static (gateway, value) => gateway with { OpenRetry = value }),
        new Setting<VolumeSettings, TimeSpan>(
            "checkpoint-interval", Wait,
            static (gateway, value) => gateway with { CheckpointInterval = value }),
        new Setting<VolumeSettings, int>(
            "hot-zones-max", Kinds.Integer(2, HotZonesMax),
            static (gateway, value) => gateway with { HotZonesMax = value }),
        new Setting<VolumeSettings, int>(
            "resync-in-flight", Kinds.Integer(1, 256),
            static (gateway, value) => gateway with { ResyncInFlight = value }),
        new Setting<VolumeSettings, long>(
            "resync-rate-max", Kinds.Size(0, 1L << 40),
            static (gateway, value) => gateway with { ResyncRateMax = value }),
    ];

    private static Setting<RemotingOptions>[] Remoting =>
    [
        new Setting<RemotingOptions, TimeSpan>(
            "heartbeat-interval", Kinds.Duration(10 * Millisecond, Minute),
            static (remoting, value) => remoting with { HeartbeatInterval = value }),
        new Setting<RemotingOptions, TimeSpan>(
            "acceptable-pause", Wait, static (remoting, value) => remoting with { AcceptablePause = value }),
        new Setting<RemotingOptions, TimeSpan>(
            "connect-timeout", Wait, static (remoting, value) => remoting with { ConnectTimeout = value }),
        new Setting<RemotingOptions, TimeSpan>(
            "backoff-min", Kinds.Duration(10 * Millisecond, Minute),
            static (remoting, value) => remoting with { BackoffMin = value }),
        new Setting<RemotingOptions, TimeSpan>(
            "backoff-max", Kinds.Duration(10 * Millisecond, Hour),
            static (remoting, value) => remoting with { BackoffMax = value }),
        new Setting<RemotingOptions, long>(
            "queue-max", Amount, static (remoting, value) => remoting with { QueueMaxBytes = value }),
    ];

    private static Setting<NbdServerOptions>[] Nbd =>
    [
        new Setting<NbdServerOptions, int>(
            "connections-max", Count, static (nbd, value) => nbd with { ConnectionsMax = value }),
        new Setting<NbdServerOptions, TimeSpan>(
            "handshake-timeout", Wait, static (nbd, value) => nbd with { HandshakeTimeout = value }),
        new Setting<NbdServerOptions, int>(
            "options-max", Count, static (nbd, value) => nbd with { OptionCountMax = value }),
        new Setting<NbdServerOptions, int>(
            "in-flight-max", Count, static (nbd, value) => nbd with { InFlightCountMax = value }),
        new Setting<NbdServerOptions, long>(
            "in-flight-bytes-max", Amount, static (nbd, value) => nbd with { InFlightBytesMax = value }),
        new Setting<NbdServerOptions, int>(
            "total-in-flight-max", Kinds.Integer(1, NbdServerOptions.TotalInFlightCountTop),
            static (nbd, value) => nbd with { TotalInFlightCountMax = value }),
        new Setting<NbdServerOptions, long>(
            "total-in-flight-bytes-max", Kinds.Size(NbdServerOptions.TotalInFlightBytesMin, 1L << 40),
            static (nbd, value) => nbd with { TotalInFlightBytesMax = value }),
        new Setting<NbdServerOptions, TimeSpan>(
            "stall-timeout", Wait, static (nbd, value) => nbd with { StallTimeout = value }),
        new Setting<NbdServerOptions, TimeSpan>(
            "drain-timeout", Wait, static (nbd, value) => nbd with { DrainTimeout = value }),
    ];

    private static Setting<OtlpSettings>[] Otlp =>
    [
        new Setting<OtlpSettings, Uri?>(
            "endpoint", Kinds.HttpUri, static (otlp, value) => otlp with { Endpoint = value }),
        new Setting<OtlpSettings, string>(
            "headers", Kinds.HttpHeaders, static (otlp, value) => otlp with { Headers = value }),
        new Setting<OtlpSettings, TimeSpan>(
            "interval", Wait, static (otlp, value) => otlp with { Interval = value }),
        new Setting<OtlpSettings, TimeSpan>(
            "timeout", Wait, static (otlp, value) => otlp with { Timeout = value }),
        new Setting<OtlpSettings, double>(
            "trace-ratio", Kinds.Ratio, static (otlp, value) => otlp with { TraceRatio = value }),
    ];

    private static Setting<LogSettings>[] Log =>
    [
        new Setting<LogSettings, LogLevel>(
            "level", Kinds.Word<LogLevel>(), static (log, value) => log with { Level = value }),
        new Setting<LogSettings, LogFormat>(
            "format", Kinds.Word<LogFormat>(), static (log, value) => log with { Format = value }),
        new Setting<LogSettings, TimeSpan>(
            "slow-request", Kinds.Duration(Millisecond, Hour),
            static (log, value) => log with { SlowRequest = value }),
        new Setting<LogSettings, long>(
            "file-length-max", Kinds.Size(1L << 16, 1L << 40),
            static (log, value) => log with { LengthMaxBytes = value }),
        new Setting<LogSettings, int>(
            "queue-max", Count, static (log, value) => log with { QueueMax = value }),
    ];

    private static Setting<ClusterConfiguration>[] Others =>
    [
        new Setting<ClusterConfiguration, string>(
            "cluster.name", Kinds.Name,
            static (all, value) => all with { Remoting = all.Remoting with { ClusterName = value } }),
        new Setting<ClusterConfiguration, int>(
            "gateway.events.kept-max", Count,
            static (all, value) => all with { Events = all.Events with { KeptMax = value } }),
        new Setting<ClusterConfiguration, int>(
            "gateway.events.queue-max", Count,
            static (all, value) => all with { Events = all.Events with { QueueMax = value } }),
        new Setting<ClusterConfiguration, string>(
            "nbd.listen", Kinds.Door, static (all, value) => all with { NbdListen = value }),
        new Setting<ClusterConfiguration, string>(
            "qmp.listen", Kinds.Door, static (all, value) => all with { QmpListen = value }),
        new Setting<ClusterConfiguration, int>(
            "qmp.sessions-max", Count, static (all, value) => all with { QmpSessionsMax = value }),
        new Setting<ClusterConfiguration, HttpChoice>(
            "http.listen", Kinds.Http, static (all, value) => all with { HttpListen = value.Address }),
    ];

    private static NodeConfiguration ReadNode(HoconMember member)
    {
        (string name, HoconObject section) = Named(member, "nodes");
        NodeConfiguration node = OfNode.Apply(
            new NodeConfiguration { Name = name, Data = name }, section, $"nodes.{name}.");
        return node.Is(NodeRole.Storage) && node.Listen is null
            ? throw new ConfigurationException(
                member.Position,
                $"nodes.{name} keeps storage and has no address: "
                    + $"listen = {Kinds.NodeAddress.InWords} is needed")
            : node;
    }

    private static VolumeWish ReadVolume(HoconMember member)
    {
        (string name, HoconObject section) = Named(member, "volumes");
        return OfVolume.Apply(new VolumeWish { Name = name }, section, $"volumes.{name}.");
    }

    private static (string Name, HoconObject Section) Named(HoconMember member, string section)
    {
        if (NameRule.Error(member.Name) is { } error)
        {
            throw new ConfigurationException(member.Position, $"{section}: {error}");
        }

        return member.Value is HoconObject members
            ? (member.Name, members)
            : throw new ConfigurationException(
                member.Value.Position,
                $"{section}.{member.Name} is a section: {member.Name} {{ ... }} would be right");
    }
}
