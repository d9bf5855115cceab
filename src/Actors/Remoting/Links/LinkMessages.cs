using Replication.Actors.Mailboxes;
using Replication.Actors.Remoting.Handshake;
using Replication.Actors.Remoting.Transports;

namespace Replication.Actors.Remoting.Links;

// Between two systems: target and sender are in the frame's header.

/// <summary>I am still here.</summary>
internal sealed record Heartbeat
{
    internal static Heartbeat Instance { get; } = new();
}

/// <summary>The sender wants to hear of the target's end.</summary>
internal sealed record RemoteWatch
{
    internal static RemoteWatch Instance { get; } = new();
}

/// <summary>It no longer does.</summary>
internal sealed record RemoteUnwatch
{
    internal static RemoteUnwatch Instance { get; } = new();
}

/// <summary>
/// The watched actor has ended; the target is the watcher. It goes on the data connection, so that what the
/// actor sent before its end is handled first. With a name it answers a watch by name, and the number is 0.
/// </summary>
internal sealed record RemoteEnded(long ActorId, string ActorName);

/// <summary>The sender stops in good order: nothing follows.</summary>
internal sealed record Goodbye
{
    internal static Goodbye Instance { get; } = new();
}

// To the remoting actor and the link actors of this system.

/// <summary>For one link's actor; goes through the remoting actor, which knows it.</summary>
internal interface ILinkCommand
{
    Link Link { get; }
}

internal sealed record StartLink(Link Link) : ILinkCommand, IUndeliverable
{
    public void OnUndelivered() => Link.CloseChannels();
}

internal sealed record WatchRemoteActor(Link Link, RemoteRef Target, InternalActorRef Watcher)
    : ILinkCommand, IUndeliverable
{
    public void OnUndelivered() => Watcher.TellSystem(new WatchedEnded(Target, ConnectionLost: true));
}

internal sealed record UnwatchRemoteActor(Link Link, RemoteRef Target, InternalActorRef Watcher)
    : ILinkCommand, IUndeliverable
{
    public void OnUndelivered()
    {
        // The link's end has taken the watch with it.
    }
}

/// <summary>A local actor that the other side watches has ended.</summary>
internal sealed record LocalWatchedEnded(Link Link, LocalActorRef Actor, RemoteActorRef Watcher)
    : ILinkCommand, IUndeliverable
{
    public void OnUndelivered()
    {
        // The other side has been told of the lost connection.
    }
}

/// <summary>To the remoting actor: the handshake is done.</summary>
internal sealed record LinkUp(Link Link, string NodeName) : IUndeliverable
{
    public void OnUndelivered()
    {
        // Remoting stops, and the link with it.
    }
}

/// <summary>To the remoting actor: the link is over.</summary>
internal sealed record LinkEnded(Link Link) : IUndeliverable
{
    public void OnUndelivered()
    {
        // Remoting has stopped.
    }
}

/// <summary>To a link: say goodbye, then stop.</summary>
internal sealed record DepartLink : IUndeliverable
{
    public void OnUndelivered()
    {
        // It has ended already.
    }
}

/// <summary>To the remoting actor: have every link say goodbye, then stop.</summary>
internal sealed record Depart(TaskCompletionSource Stopped) : IUndeliverable
{
    public void OnUndelivered() => Stopped.TrySetResult();
}

internal sealed record ConnectionAccepted(IConnection Connection) : IUndeliverable
{
    public void OnUndelivered() => Connection.Close();
}

internal sealed record ConnectFinished(ChannelKind Kind, ConnectResult Result) : IUndeliverable
{
    public void OnUndelivered() => Result.Connection?.Close();
}

internal sealed record HelloReceived(LinkConnection Connection, Hello Hello) : IUndeliverable
{
    public void OnUndelivered() => Connection.Close("remoting has stopped");
}

internal sealed record WelcomeReceived(LinkConnection Connection, Welcome Welcome) : IUndeliverable
{
    public void OnUndelivered() => Connection.Close("remoting has stopped");
}

internal sealed record HandshakeRefused(string Reason) : IUndeliverable
{
    public void OnUndelivered()
    {
        // The link has ended for another reason.
    }
}

/// <summary>The other side's data connection has come and fits the link.</summary>
internal sealed record DataConnectionAccepted(LinkConnection Connection) : IUndeliverable
{
    public void OnUndelivered() => Connection.Close("the link has ended");
}

internal sealed record ConnectionEnded(LinkConnection Connection, string Reason) : IUndeliverable
{
    public void OnUndelivered()
    {
        // Whoever cared about the connection is gone as well.
    }
}

/// <summary>A frame of the kernel's, from the other side, for the link's actor.</summary>
internal sealed record LinkFrame(object Message, string? TargetName, ulong TargetId, ulong SenderId)
    : IUndeliverable
{
    public void OnUndelivered()
    {
        // The link has ended: both sides know.
    }
}

internal sealed record PeerRestarted(string NodeName, ulong NewUid) : IUndeliverable
{
    public void OnUndelivered()
    {
        // The link to its old life has ended already.
    }
}
