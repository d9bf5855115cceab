using System.Text;
using Replication.Actors.Mailboxes;

namespace Replication.Actors.Remoting.Links;

/// <summary>The ref of an actor of another system, which is reached through a peer.</summary>
internal abstract class RemoteRef(RemotePeer peer) : InternalActorRef
{
    internal RemotePeer Peer { get; } = peer;

    public override void Tell(object message, IActorRef? sender = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        Peer.Send(this, message, sender);
    }

    /// <summary>
    /// False when the actor is known to live (or have lived) in another life of the peer than this.
    /// </summary>
    internal abstract bool IsOfLife(ulong peerUid);

    internal override void TellSystem(SystemMessage message)
    {
        switch (message)
        {
            case AddWatcher add:
                Peer.Watch(this, add.Watcher);
                break;
            case RemoveWatcher remove:
                Peer.Unwatch(this, remove.Watcher);
                break;
            default:
                // Life-cycle messages never leave their system.
                break;
        }
    }
}

/// <summary>
/// A top-level actor of whoever listens at an address, in whichever life. Equal to any other ref of that
/// address and name.
/// </summary>
internal sealed class NamedRemoteRef : RemoteRef, IEquatable<NamedRemoteRef>
{
    internal NamedRemoteRef(RemotePeer peer, string name)
        : base(peer)
    {
        Name = name;
        NameUtf8 = Encoding.UTF8.GetBytes(name);
        Path = new ActorPath(peer.Name, $"user/{name}");
    }

    internal string Name { get; }

    internal byte[] NameUtf8 { get; }

    public override ActorPath Path { get; }

    public bool Equals(NamedRemoteRef? other) =>
        other is not null && ReferenceEquals(Peer, other.Peer)
        && string.Equals(Name, other.Name, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as NamedRemoteRef);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Name);

    internal override bool IsOfLife(ulong peerUid) => true;
}

/// <summary>
/// One life of an actor in one life of its system. Equal to any other ref of that same life.
/// </summary>
internal sealed class RemoteActorRef(RemotePeer peer, ulong peerUid, ulong id)
    : RemoteRef(peer), IEquatable<RemoteActorRef>
{
    internal ulong PeerUid { get; } = peerUid;

    internal ulong Id { get; } = id;

    public override ActorPath Path => new(Peer.Name, $"${Id}");

    public bool Equals(RemoteActorRef? other) =>
        other is not null && PeerUid == other.PeerUid && Id == other.Id;

    public override bool Equals(object? obj) => Equals(obj as RemoteActorRef);

    public override int GetHashCode() => HashCode.Combine(PeerUid, Id);

    internal override bool IsOfLife(ulong peerUid) => peerUid == PeerUid;

    internal override void TellSystem(SystemMessage message)
    {
        if (message is WatchedEnded { Actor: LocalActorRef ended })
        {
            Peer.TellEnded(this, ended);
            return;
        }

        base.TellSystem(message);
    }
}
