using Replication.Actors.Logging;
using Replication.Actors.Mailboxes;
using Replication.Actors.Remoting.Codecs;
using Replication.Actors.Remoting.Handshake;
using Replication.Actors.Remoting.Transports;

namespace Replication.Actors.Remoting.Links;

/// <summary>
/// Leads one link through its only life: connecting (or waiting for the other side's data connection), up,
/// departing, over. It decides when the peer is lost, and is the one place where that is carried out.
/// </summary>
internal sealed class LinkActor : Actor
{
    private const string ConnectTimer = "connect";
    private const string HeartbeatTimer = "heartbeat";
    private const string SilenceTimer = "silence";

    private readonly RemotingContext _remoting;
    private readonly Link _link;
    private readonly LinkWatches _watches = new();
    private LinkConnection? _control;
    private LinkConnection? _data;
    private string _nodeName;
    private bool _isUp;
    private bool _isOver;
    private bool _saidGoodbye;

    /// <summary>A link that this side begins, or one whose control connection has been welcomed.</summary>
    internal LinkActor(RemotingContext remoting, Link link, LinkConnection? control, string nodeName)
    {
        _remoting = remoting;
        _link = link;
        _control = control;
        _nodeName = nodeName;
    }

    private RemotingOptions Options => _remoting.Options;

    protected internal override void PreStart()
    {
        _link.Actor = Self;
        if (!_link.IsInitiator)
        {
            StartConnectTimer("the data connection", Options.ConnectTimeout);
            return;
        }

        TimeSpan delay = Backoff.Delay(_link.Peer, _remoting);
        if (delay > TimeSpan.Zero)
        {
            Context.Timers.StartSingle(ConnectTimer, new ConnectNow(), delay);
        }
        else
        {
            Connect(ChannelKind.Control);
        }
    }

    protected internal override void PostStop() => Lose("remoting has stopped", LogLevel.Debug);

    protected internal override void Receive(object message)
    {
        if (_isOver)
        {
            (message as IUndeliverable)?.OnUndelivered();
            return;
        }

        switch (message)
        {
            case ConnectNow:
                Connect(ChannelKind.Control);
                break;
            case ConnectFinished finished:
                OnConnected(finished);
                break;
            case WelcomeReceived welcome:
                OnWelcome(welcome);
                break;
            case DataConnectionAccepted accepted:
                _data = accepted.Connection;
                GoUp();
                break;
            case HandshakeRefused refused:
                Lose($"refused: {refused.Reason}", LogLevel.Error);
                break;
            case ConnectTimedOut timedOut:
                Lose($"{timedOut.What} did not come within {timedOut.Timeout.TotalMilliseconds} ms");
                break;
            case ConnectionEnded ended:
                Lose(ended.Reason);
                break;
            case PeerRestarted restarted:
                Lose($"{restarted.NodeName} has restarted, now {RemotingContext.Text(restarted.NewUid)}");
                break;
            case SendHeartbeat:
                SendKernel(_link.Control, Heartbeat.Instance, target: null, senderId: 0);
                break;
            case SilenceDue:
                CheckSilence();
                break;
            case LinkFrame frame:
                OnFrame(frame);
                break;
            case DepartLink:
                OnDepart();
                break;
            default:
                ReceiveWatch(message);
                break;
        }
    }

    private void ReceiveWatch(object message)
    {
        switch (message)
        {
            case WatchRemoteActor watch:
                OnWatch(watch);
                break;
            case UnwatchRemoteActor unwatch when _watches.RemoveOutgoing(unwatch.Target, unwatch.Watcher):
                SendWatch(RemoteUnwatch.Instance, unwatch.Target, unwatch.Watcher);
                break;
            case LocalWatchedEnded ended:
                _watches.TakeInbound(ended.Actor, ended.Watcher.Id).ForEach(SendEnded);
                break;
            default:
                // An unwatch of what has ended meanwhile.
                break;
        }
    }

    private void Connect(ChannelKind kind)
    {
        IActorRef self = Self;
        StartConnectTimer($"the {kind} connection", Options.ConnectTimeout);
        Options.Transport.Connect(
            _link.Peer.Address!, result => self.Tell(new ConnectFinished(kind, result)));
    }

    private void OnConnected(ConnectFinished finished)
    {
        if (finished.Result.Connection is not IConnection transport)
        {
            Lose(finished.Result.Reason);
            return;
        }

        OutboundChannel channel = finished.Kind == ChannelKind.Control ? _link.Control : _link.Data;
        LinkConnection connection = new(_remoting, transport, finished.Kind, channel, Self)
        {
            OnWelcome = welcome => InboundFrom(welcome, finished.Kind),
        };
        if (finished.Kind == ChannelKind.Control)
        {
            _control = connection;
        }
        else
        {
            _data = connection;
        }

        connection.Start();
        ushort version = Options.ProtocolVersion;
        channel.SendHandshake(HandshakeCodec.Encode(new Hello(
            version,
            ProtocolVersions.LeastOf(version),
            Options.ClusterName,
            Context.System.Name,
            Context.System.Uid,
            finished.Kind,
            _link.Id)));
    }

    /// <summary>On the transport's thread, before any message that follows the welcome is read.</summary>
    private InboundDispatch InboundFrom(Welcome welcome, ChannelKind kind)
    {
        if (kind == ChannelKind.Control)
        {
            _link.PeerUid = welcome.SystemUid;
        }
        else if (_link.PeerUid != welcome.SystemUid)
        {
            throw new MalformedMessageException($"{welcome.NodeName} restarted between its two connections");
        }

        return new InboundDispatch(_remoting, _link);
    }

    private void OnWelcome(WelcomeReceived received)
    {
        _nodeName = received.Welcome.NodeName;
        if (received.Connection.Kind == ChannelKind.Control)
        {
            Connect(ChannelKind.Data);
        }
        else
        {
            GoUp();
        }
    }

    private void GoUp()
    {
        _isUp = true;
        _link.Peer.ClearFailures();
        _watches.LoseOtherLives(_link.PeerUid);
        _link.Control.Open(_link.PeerUid);
        _link.Data.Open(_link.PeerUid);
        Context.Timers.Cancel(ConnectTimer);
        Context.Timers.StartPeriodic(HeartbeatTimer, new SendHeartbeat(), Options.HeartbeatInterval);
        Context.Timers.StartSingle(SilenceTimer, new SilenceDue(), Options.AcceptablePause);
        Context.Parent.Tell(new LinkUp(_link, _nodeName));
        Context.System.Log.Info(
            RemotingContext.LogSource,
            $"linked with {_nodeName} ({_link.Peer.Name}), {RemotingContext.Text(_link.PeerUid)}");
    }

    /// <summary>
    /// Anything received on either connection is a sign of life, part of a large frame too.
    /// </summary>
    private void CheckSilence()
    {
        TimeProvider time = _remoting.Time;
        long last = Math.Max(_control!.LastReceivedTimestamp, _data!.LastReceivedTimestamp);
        TimeSpan silence = time.GetElapsedTime(last, time.GetTimestamp());
        if (silence >= Options.AcceptablePause)
        {
            Lose($"nothing was received for {silence.TotalMilliseconds:F0} ms");
            return;
        }

        Context.Timers.StartSingle(SilenceTimer, new SilenceDue(), Options.AcceptablePause - silence);
    }

    private void OnWatch(WatchRemoteActor watch)
    {
        if (_link.PeerUid != 0 && !watch.Target.IsOfLife(_link.PeerUid))
        {
            watch.OnUndelivered();
        }
        else if (_watches.IsFull)
        {
            watch.OnUndelivered();
            Lose($"more than {RemotingLimits.WatchesMax} watches");
        }
        else if (_watches.AddOutgoing(watch.Target, watch.Watcher))
        {
            SendWatch(RemoteWatch.Instance, watch.Target, watch.Watcher);
        }
    }

    private void OnFrame(LinkFrame frame)
    {
        LinkWatches.InboundWatch watch =
            new(frame.TargetId, frame.TargetName ?? string.Empty, frame.SenderId);
        switch (frame.Message)
        {
            case RemoteWatch:
                OnInboundWatch(watch);
                break;
            case RemoteUnwatch:
                _watches.RemoveInbound(watch)?.TellSystem(
                    new RemoveWatcher(new RemoteActorRef(_link.Peer, _link.PeerUid, watch.WatcherId)));
                break;
            case RemoteEnded { ActorName.Length: > 0 } ended:
                _watches.EndOutgoing(new NamedRemoteRef(_link.Peer, ended.ActorName), frame.TargetId);
                break;
            case RemoteEnded ended:
                _watches.EndOutgoing(
                    new RemoteActorRef(_link.Peer, _link.PeerUid, (ulong)ended.ActorId), frame.TargetId);
                break;
            case Goodbye:
                Lose("it stops in good order", LogLevel.Info);
                break;
            default:
                throw new InvalidOperationException($"no case for {frame.Message.GetType().Name}");
        }
    }

    private void OnInboundWatch(LinkWatches.InboundWatch watch)
    {
        IActorRef? target = watch.TargetName.Length > 0
            ? Context.System.Find(watch.TargetName)
            : Context.System.FindExposed((long)watch.TargetId);
        if (target is not LocalActorRef local)
        {
            SendEnded(watch);
        }
        else if (_watches.IsFull)
        {
            Lose($"more than {RemotingLimits.WatchesMax} watches");
        }
        else
        {
            _watches.AddInbound(watch, local);
            local.TellSystem(new AddWatcher(new RemoteActorRef(_link.Peer, _link.PeerUid, watch.WatcherId)));
        }
    }

    private void SendWatch(object message, RemoteRef target, InternalActorRef watcher) =>
        SendKernel(_link.Control, message, target, _remoting.ExposeSender(watcher));

    private void SendEnded(LinkWatches.InboundWatch watch) => SendKernel(
        _link.Data,
        new RemoteEnded((long)watch.TargetId, watch.TargetName),
        new RemoteActorRef(_link.Peer, _link.PeerUid, watch.WatcherId),
        senderId: 0);

    /// <summary>What the kernel says is never left out: a queue that cannot take it costs the link.</summary>
    private void SendKernel(OutboundChannel channel, object message, RemoteRef? target, ulong senderId)
    {
        IMessageCodec codec = _remoting.Codecs.Find(message.GetType())!;
        OutboundMessage outbound =
            new(message, codec, target, Sender: null, senderId, RemotingLimits.QueuedMessageBytes);
        if (!channel.Enqueue(in outbound))
        {
            Lose("a queue is full");
        }
    }

    private void OnDepart()
    {
        if (!_isUp)
        {
            Lose("remoting stops", LogLevel.Debug);
            return;
        }

        // Behind everything queued; the other side closes when it has read so far.
        _saidGoodbye = true;
        SendKernel(_link.Data, Goodbye.Instance, target: null, senderId: 0);
        if (!_isOver)
        {
            StartConnectTimer("an answer to goodbye", RemotingLimits.GoodbyeTimeout);
        }
    }

    private void StartConnectTimer(string awaited, TimeSpan timeout) =>
        Context.Timers.StartSingle(ConnectTimer, new ConnectTimedOut(awaited, timeout), timeout);

    private void Lose(string reason, LogLevel level = LogLevel.Warning)
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        LogLevel loudness = _saidGoodbye && level == LogLevel.Warning ? LogLevel.Info : level;
        string sentence = _isUp
            ? $"lost {_nodeName} ({_link.Peer.Name}): {reason}"
            : $"cannot link with {_link.Peer.Name}: {reason}";
        Context.System.Log.Write(loudness, RemotingContext.LogSource, sentence);
        if (_link.IsInitiator)
        {
            _link.Peer.CountFailure();
        }

        _link.CloseChannels();
        _control?.Close(reason);
        _data?.Close(reason);
        _watches.LoseAll(_link.Peer, _link.PeerUid);
        Context.Parent.Tell(new LinkEnded(_link));
        Context.Stop(Self);
    }

    private sealed record ConnectNow;

    private sealed record ConnectTimedOut(string What, TimeSpan Timeout);

    private sealed record SendHeartbeat;

    private sealed record SilenceDue;
}
