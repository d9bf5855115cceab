using Replication.Actors.Buffers;
using Replication.Actors.Remoting.Codecs;

namespace Replication.Actors.Remoting.Links;

/// <summary>
/// The other end of refs: an address that links are made to on demand, one at a time, or the one link by
/// which a system has come to us, whose refs are dead when it ends. Any thread.
/// </summary>
internal sealed class RemotePeer
{
    private readonly RemotingContext _remoting;
    private Link? _link;
    private long _failures;

    /// <param name="remoting">What all peers share.</param>
    /// <param name="address">Where to connect to; null for a peer that came to us.</param>
    /// <param name="name">For paths and the log.</param>
    internal RemotePeer(RemotingContext remoting, string? address, string name)
    {
        _remoting = remoting;
        Address = address;
        Name = name;
    }

    internal string? Address { get; }

    internal string Name { get; }

    /// <summary>Links that failed in a row.</summary>
    internal int Failures => (int)Interlocked.Read(ref _failures);

    /// <summary>When the last of them did, by the system's time provider.</summary>
    internal long LastFailureTimestamp { get; private set; }

    /// <summary>The link by which this peer came to us.</summary>
    internal void SetInbound(Link link) => Volatile.Write(ref _link, link);

    internal void CountFailure()
    {
        LastFailureTimestamp = _remoting.Time.GetTimestamp();
        Interlocked.Increment(ref _failures);
    }

    internal void ClearFailures() => Interlocked.Exchange(ref _failures, 0);

    /// <summary>Queues a message for the target; the hot path of every remote Tell.</summary>
    internal void Send(RemoteRef target, object message, IActorRef? sender)
    {
        IMessageCodec? codec = _remoting.Codecs.Find(message.GetType());
        Link? link = codec is null ? null : CurrentLink(target);
        if (link is null)
        {
            Undeliverable(target, message, sender, codec);
            return;
        }

        PooledBuffer? payload = codec!.PayloadOf(message);
        int weightBytes = RemotingLimits.QueuedMessageBytes + (payload?.LengthBytes ?? 0);
        ulong senderId = _remoting.ExposeSender(sender);
        OutboundMessage outbound = new(message, codec, target, sender, senderId, weightBytes);
        OutboundChannel channel = codec.Channel == MessageChannel.Control ? link.Control : link.Data;
        channel.Enqueue(in outbound);
    }

    internal void Watch(RemoteRef target, InternalActorRef watcher)
    {
        Link? link = CurrentLink(target);
        if (link is null)
        {
            watcher.TellSystem(new Mailboxes.WatchedEnded(target, ConnectionLost: true));
            return;
        }

        _remoting.Post(new WatchRemoteActor(link, target, watcher));
    }

    internal void Unwatch(RemoteRef target, InternalActorRef watcher)
    {
        if (Volatile.Read(ref _link) is { IsClosed: false } link)
        {
            _remoting.Post(new UnwatchRemoteActor(link, target, watcher));
        }
    }

    /// <summary>A local actor has ended that an actor of this peer watches.</summary>
    internal void TellEnded(RemoteActorRef watcher, LocalActorRef ended)
    {
        if (Volatile.Read(ref _link) is { IsClosed: false } link)
        {
            _remoting.Post(new LocalWatchedEnded(link, ended, watcher));
        }
    }

    /// <summary>The live link, a new one where links are made on demand, or null.</summary>
    private Link? CurrentLink(RemoteRef target)
    {
        Link? link = Volatile.Read(ref _link);
        while (link is null || link.IsClosed)
        {
            if (Address is null || _remoting.IsStopped)
            {
                return null;
            }

            Link fresh = new(_remoting, this, initiator: true);
            Link? seen = Interlocked.CompareExchange(ref _link, fresh, link);
            if (ReferenceEquals(seen, link))
            {
                _remoting.Post(new StartLink(fresh));
                return fresh;
            }

            link = seen;
        }

        // A ref of another life of the peer would only wait for nothing.
        return link.PeerUid == 0 || target.IsOfLife(link.PeerUid) ? link : null;
    }

    private void Undeliverable(RemoteRef target, object message, IActorRef? sender, IMessageCodec? codec)
    {
        if (codec is null)
        {
            _remoting.System.Log.Error(
                RemotingContext.LogSource,
                $"{message.GetType()} has no codec and cannot be sent to {target.Path}");
        }

        _remoting.System.PublishDeadLetter(message, sender, target);
        codec?.PayloadOf(message)?.Release();
    }
}
