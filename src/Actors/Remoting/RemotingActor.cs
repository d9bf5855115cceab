using Replication.Actors.Logging;
using Replication.Actors.Remoting.Handshake;
using Replication.Actors.Remoting.Links;
using Replication.Actors.Supervision;

namespace Replication.Actors.Remoting;

/// <summary>
/// Takes accepted connections through their hello, pairs the two of a link, and is the parent of the links'
/// actors, each of which fails alone.
/// </summary>
internal sealed class RemotingActor(RemotingContext remoting, TaskCompletionSource stopped) : Actor
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(10);

    private readonly HashSet<LinkConnection> _pending = [];
    private readonly List<(Link Link, string NodeName)> _links = [];
    private readonly List<Link> _awaitingData = [];
    private bool _departing;

    protected internal override SupervisorStrategy SupervisorStrategy => SupervisorStrategy.Stopping;

    protected internal override void PreStart()
    {
        Context.Timers.StartPeriodic(nameof(Sweep), new Sweep(), SweepInterval);
        ShowLinks();
    }

    /// <summary>After a failure of its own: links are lost, and can be made again.</summary>
    protected internal override void PreRestart(Exception cause, object? message) => Context.StopChildren();

    protected internal override void PostStop()
    {
        remoting.EndMeetings();
        stopped.TrySetResult();
    }

    protected internal override void Receive(object message)
    {
        switch (message)
        {
            case StartLink start:
                OnStart(start);
                break;
            case ILinkCommand command:
                (command.Link.Actor ?? Context.System.DeadLetters).Tell(command);
                break;
            case ConnectionAccepted accepted:
                OnAccepted(accepted);
                break;
            case HelloReceived received:
                OnHello(received.Connection, received.Hello);
                break;
            case HelloTimedOut timedOut:
                timedOut.Connection.Close("no hello came");
                break;
            case ConnectionEnded ended:
                OnConnectionEnded(ended);
                break;
            case LinkUp up:
                OnLinkOf(up.Link, up.NodeName);
                break;
            case LinkEnded ended:
                _links.RemoveAll(each => ReferenceEquals(each.Link, ended.Link));
                ShowLinks();
                _awaitingData.Remove(ended.Link);
                StopWhenDeparted();
                break;
            case Depart:
                _departing = true;
                _links.ForEach(each => each.Link.Actor!.Tell(new DepartLink()));
                StopWhenDeparted();
                break;
            case Sweep:
                remoting.EdgeSenders.Sweep();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnStart(StartLink start)
    {
        if (_departing)
        {
            start.OnUndelivered();
            return;
        }

        Lead(start.Link, control: null, start.Link.Peer.Name);
    }

    private void Lead(Link link, LinkConnection? control, string nodeName)
    {
        _links.Add((link, nodeName));
        ShowLinks();
        link.Actor = Context.ActorOf(Props.Create(() => new LinkActor(remoting, link, control, nodeName)));
    }

    private void OnAccepted(ConnectionAccepted accepted)
    {
        if (_departing || _pending.Count >= RemotingLimits.PendingConnectionsMax)
        {
            accepted.Connection.Close();
            return;
        }

        OutboundChannel channel = new(
            Context.System, $"remoting {accepted.Connection.RemoteAddress}", remoting.Options.QueueMaxBytes);
        LinkConnection connection = new(remoting, accepted.Connection, ChannelKind.Control, channel, Self);
        _pending.Add(connection);
        Context.Timers.StartSingle(
            connection, new HelloTimedOut(connection), remoting.Options.ConnectTimeout);
        connection.Start();
    }

    private void OnConnectionEnded(ConnectionEnded ended)
    {
        if (_pending.Remove(ended.Connection))
        {
            Context.Timers.Cancel(ended.Connection);
            Context.System.Log.Info(
                RemotingContext.LogSource,
                $"{ended.Connection.RemoteAddress} went without a link: {ended.Reason}");
        }
        else if (!ReferenceEquals(ended.Connection.Owner, Self))
        {
            // It was handed over while this was on its way.
            ended.Connection.Owner.Tell(ended);
        }
    }

    private void OnHello(LinkConnection connection, Hello hello)
    {
        string? refusal = HandshakeRules.Refuse(
            hello, remoting.Options.ClusterName, Context.System.Uid, remoting.Options.ProtocolVersion);
        Link? link = null;
        if (refusal is null && hello.Kind == ChannelKind.Data)
        {
            link = _awaitingData.Find(each => each.Id == hello.LinkId && each.PeerUid == hello.SystemUid);
            refusal = link is null ? "its control connection is not here" : null;
        }

        if (refusal is not null || !_pending.Remove(connection))
        {
            Context.System.Log.Warning(
                RemotingContext.LogSource,
                $"refused {hello.NodeName} from {connection.RemoteAddress}: {refusal}");
            byte[] answer = HandshakeCodec.Encode(new Refusal(refusal ?? "too late"));
            connection.Channel.SendHandshake(answer, thenClose: true);
            return;
        }

        Context.Timers.Cancel(connection);
        if (link is null)
        {
            WelcomeControl(connection, hello);
        }
        else
        {
            WelcomeData(connection, hello, link);
        }
    }

    private void WelcomeControl(LinkConnection connection, Hello hello)
    {
        RemotePeer peer = new(remoting, address: null, $"{hello.NodeName}@{connection.RemoteAddress}");
        Link link = new(peer, hello.LinkId, hello.SystemUid, connection.Channel);
        peer.SetInbound(link);
        Lead(link, connection, hello.NodeName);
        _awaitingData.Add(link);
        OnLinkOf(link, hello.NodeName);
        Welcome(connection, hello, link);
    }

    private void WelcomeData(LinkConnection connection, Hello hello, Link link)
    {
        _awaitingData.Remove(link);
        connection.Kind = ChannelKind.Data;
        link.Data = connection.Channel;
        Welcome(connection, hello, link);
        link.Actor!.Tell(new DataConnectionAccepted(connection));
    }

    private void Welcome(LinkConnection connection, Hello hello, Link link)
    {
        connection.Owner = link.Actor!;
        connection.Establish(new InboundDispatch(remoting, link));
        ushort version = HandshakeRules.CommonVersion(hello, remoting.Options.ProtocolVersion);
        connection.Channel.SendHandshake(
            HandshakeCodec.Encode(new Welcome(version, Context.System.Name, Context.System.Uid)));
    }

    /// <summary>A node is known by name; links to an earlier life of it are over.</summary>
    private void OnLinkOf(Link link, string nodeName)
    {
        for (int index = 0; index < _links.Count; index++)
        {
            (Link other, string otherName) = _links[index];
            if (ReferenceEquals(other, link))
            {
                _links[index] = (link, nodeName);
            }
            else if (string.Equals(otherName, nodeName, StringComparison.Ordinal)
                && other.PeerUid != 0 && other.PeerUid != link.PeerUid)
            {
                other.Actor!.Tell(new PeerRestarted(nodeName, link.PeerUid));
            }
        }

        ShowLinks();
    }

    private void ShowLinks() => remoting.Links = [.. _links];

    private void StopWhenDeparted()
    {
        if (_departing && _links.Count == 0)
        {
            Context.Stop(Self);
        }
    }

    private sealed record Sweep;

    private sealed record HelloTimedOut(LinkConnection Connection);
}
