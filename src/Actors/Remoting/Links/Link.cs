namespace Replication.Actors.Remoting.Links;

/// <summary>
/// One meeting of two systems: a data and a control connection that come up and end together. This is the
/// part that senders touch; its life is led by a <see cref="LinkActor"/>.
/// </summary>
internal sealed class Link
{
    private ulong _peerUid;
    private volatile IActorRef? _actor;
    private volatile bool _isClosed;

    /// <summary>A link that this side begins; messages wait in its channels from now on.</summary>
    internal Link(RemotingContext remoting, RemotePeer peer, bool initiator)
    {
        Peer = peer;
        IsInitiator = initiator;
        Id = initiator ? remoting.System.Options.Ids.NextUInt64() : 0;
        long queueMaxBytes = remoting.Options.QueueMaxBytes;
        Data = new OutboundChannel(remoting.System, $"remoting {peer.Name} data", queueMaxBytes);
        Control = new OutboundChannel(remoting.System, $"remoting {peer.Name} control", queueMaxBytes);
    }

    /// <summary>A link that the other side begins: the channel belongs to the connection that came.</summary>
    internal Link(RemotePeer peer, ulong id, ulong peerUid, OutboundChannel control)
    {
        Peer = peer;
        Id = id;
        _peerUid = peerUid;
        Control = control;
        Data = control;
    }

    internal RemotePeer Peer { get; }

    internal bool IsInitiator { get; }

    /// <summary>Pairs the two connections of a link; chosen by the side that begins.</summary>
    internal ulong Id { get; }

    /// <summary>The other side's life; 0 until it is known.</summary>
    internal ulong PeerUid
    {
        get => Volatile.Read(ref _peerUid);
        set => Volatile.Write(ref _peerUid, value);
    }

    /// <summary>Set once, before anybody can have a ref that uses it.</summary>
    internal OutboundChannel Data { get; set; }

    internal OutboundChannel Control { get; }

    /// <summary>The actor that leads this link; there before the link has connections.</summary>
    internal IActorRef? Actor
    {
        get => _actor;
        set => _actor = value;
    }

    internal bool IsClosed => _isClosed;

    /// <summary>What waits to be sent. Any thread.</summary>
    internal (int Frames, long Bytes) Queued
    {
        get
        {
            // Until its second connection is there, a link that came to us has one channel for both.
            bool isPaired = !ReferenceEquals(Data, Control);
            return (
                Control.QueuedCount + (isPaired ? Data.QueuedCount : 0),
                Control.QueuedBytes + (isPaired ? Data.QueuedBytes : 0));
        }
    }

    /// <summary>Nothing more goes out: what is queued, and what still comes, becomes dead letters.</summary>
    internal void CloseChannels()
    {
        _isClosed = true;
        Data.Close();
        Control.Close();
    }
}
