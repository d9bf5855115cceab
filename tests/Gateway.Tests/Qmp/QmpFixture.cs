using Replication.Actors;
using Replication.Cluster.Membership;
using Replication.Coordinator.Entry;
using Replication.Gateway.Events;
using Replication.Gateway.Exports;
using Replication.Gateway.Listening;
using Replication.Gateway.Nbd;
using Replication.Gateway.Qmp;

namespace Replication.Gateway.Tests.Qmp;

/// <summary>
/// A QMP server on a unix socket with all of its commands, before a gateway that a test scripts.
/// </summary>
public sealed class QmpFixture : IAsyncDisposable
{
    /// <summary>A volume that the gateway's configuration names.</summary>
    internal const string ConfiguredVolume = "wished";

    private readonly TemporaryFolder _folder = new();
    private readonly ActorSystem _system = ActorSystem.Create("test");
    private readonly ScriptedGateway _gateway = new();

    /// <param name="answerTimeout">How long commands wait for the gateway; null: as ever.</param>
    internal QmpFixture(TimeSpan? answerTimeout = null)
    {
        Events = EventLog.Open(_folder.File("events"));
        Nbd = new NbdDoor(Exports, _system.Log, new NbdServerOptions());
        Commands = new GatewayCommands
        {
            Gateway = _gateway,
            GatewayName = "gate",
            Nodes = new NodeDirectory(
                [.. Enumerable.Range(1, 3).Select(static n => new StorageNode($"node{n}", $"tcp:{n}"))]),
            Events = Events,
            Exports = Exports,
            Nbd = Nbd,
            Stop = () => Quits++,
            ConfiguredVolumes = [ConfiguredVolume],
            AnswerTimeout = answerTimeout ?? TimeSpan.FromSeconds(30),
        }.ToTable();
        Server = Start(SocketPath);
    }

    internal EventLog Events { get; }

    internal ExportCatalog Exports { get; } = new();

    internal NbdDoor Nbd { get; }

    internal ManualTime Time { get; } = new();

    internal QmpCommandTable Commands { get; }

    internal QmpServer Server { get; }

    internal int Quits { get; private set; }

    internal string SocketPath => _folder.File("qmp.sock");

    /// <summary>What the gateway was asked, in order.</summary>
    internal List<object> Asked => _gateway.Asked;

    /// <summary>What the gateway answers; null: nothing, for now.</summary>
    internal Func<object, object?> Answer
    {
        set => _gateway.Answer = value;
    }

    /// <summary>Answers everything that was not answered when it was asked.</summary>
    internal void AnswerLate(object answer) => _gateway.AnswerLate(answer);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Nbd.DisposeAsync();
        await Events.DisposeAsync();
        await _system.Terminate();
        _folder.Dispose();
    }

    internal QmpServer Start(string path) =>
        QmpServer.Start(
            ListenAddress.Parse("unix:" + path),
            Commands,
            Events,
            _system.Log,
            new QmpServerOptions { Time = Time });

    internal RawQmpClient Connect() => new(Server.Address);

    internal RawQmpClient Negotiated() => RawQmpClient.Negotiated(Server.Address);

    private sealed class ScriptedGateway : CallbackRef
    {
        private readonly List<IActorRef> _waiting = [];

        internal List<object> Asked { get; } = [];

        internal Func<object, object?> Answer { get; set; } = static _ => new VolumeList([]);

        internal void AnswerLate(object answer)
        {
            _waiting.ForEach(asker => asker.Tell(answer, this));
            _waiting.Clear();
        }

        protected override void OnMessage(object message, IActorRef? sender)
        {
            Asked.Add(message);
            if (Answer(message) is { } answer)
            {
                sender!.Tell(answer, this);
            }
            else
            {
                _waiting.Add(sender!);
            }
        }
    }
}
