using Replication.Actors.Buffers;
using Replication.Actors.Remoting.Codecs;
using Replication.Actors.Remoting.Frames;
using Replication.Actors.Remoting.Handshake;
using Replication.Actors.Remoting.Transports;

namespace Replication.Actors.Remoting.Links;

/// <summary>
/// One connection of a link: bytes become frames, and frames go to the handshake until it is done and to the
/// link's actors afterwards. Everything here runs in the transport's callbacks; who leads the connection is
/// an actor.
/// </summary>
internal sealed class LinkConnection : IConnectionHandler, IFrameSink
{
    private readonly RemotingContext _remoting;
    private readonly IConnection _connection;
    private readonly FrameAssembler _assembler = new();
    private volatile IActorRef _owner;
    private IFrameSink _sink;
    private long _lastReceivedTimestamp;
    private volatile string? _closedBecause;

    internal LinkConnection(
        RemotingContext remoting,
        IConnection connection,
        ChannelKind kind,
        OutboundChannel channel,
        IActorRef owner)
    {
        _remoting = remoting;
        _connection = connection;
        Kind = kind;
        Channel = channel;
        _owner = owner;
        _sink = this;
        _lastReceivedTimestamp = remoting.Time.GetTimestamp();
        channel.Attach(connection);
    }

    /// <summary>Who is told of the connection's end.</summary>
    internal IActorRef Owner
    {
        get => _owner;
        set => _owner = value;
    }

    internal ChannelKind Kind { get; set; }

    internal OutboundChannel Channel { get; }

    internal string RemoteAddress => _connection.RemoteAddress;

    internal long LastReceivedTimestamp => Volatile.Read(ref _lastReceivedTimestamp);

    /// <summary>Decides what a handshake's frame leads to; null takes hellos.</summary>
    internal Func<Welcome, IFrameSink>? OnWelcome { get; init; }

    public Memory<byte> ReceiveMemory => _assembler.ReceiveMemory;

    internal void Start() => _connection.Start(this);

    /// <summary>
    /// The other side is known: messages go to <paramref name="sink"/> from the next frame on.
    /// </summary>
    internal void Establish(IFrameSink sink)
    {
        _assembler.AllowFullFrames();
        Volatile.Write(ref _sink, sink);
    }

    internal void Close(string reason)
    {
        _closedBecause ??= reason;
        _connection.Close();
    }

    public bool OnReceived(int countBytes)
    {
        if (_closedBecause is not null)
        {
            return false;
        }

        Volatile.Write(ref _lastReceivedTimestamp, _remoting.Time.GetTimestamp());
        try
        {
            _assembler.Received(countBytes, this);
            return _closedBecause is null;
        }
        catch (MalformedMessageException malformed)
        {
            _closedBecause ??= $"malformed input: {malformed.Message}";
            return false;
        }
    }

    public void OnSent(bool ok) => Channel.OnSent(ok);

    public void OnClosed(string reason)
    {
        _assembler.Abandon();
        _owner.Tell(new ConnectionEnded(this, _closedBecause ?? reason));
    }

    void IFrameSink.OnFrame(in FrameHeader header, ReadOnlySpan<byte> body, PooledBuffer? payload)
    {
        IFrameSink sink = Volatile.Read(ref _sink);
        if (!ReferenceEquals(sink, this))
        {
            if (_closedBecause is null)
            {
                sink.OnFrame(in header, body, payload);
            }
            else
            {
                payload?.Release();
            }

            return;
        }

        OnHandshakeFrame(in header, body);
    }

    private void OnHandshakeFrame(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (OnWelcome is null)
        {
            Hello hello = HandshakeCodec.ReadHello(in header, body);
            Volatile.Write(ref _sink, SilenceExpected.Instance);
            _owner.Tell(new HelloReceived(this, hello));
            return;
        }

        switch (HandshakeCodec.ReadAnswer(in header, body))
        {
            case Welcome welcome:
                // At once, not by the actor: messages may be in the bytes behind this very frame.
                Establish(OnWelcome(welcome));
                _owner.Tell(new WelcomeReceived(this, welcome));
                break;
            case Refusal refusal:
                _owner.Tell(new HandshakeRefused(refusal.Reason));
                break;
        }
    }

    /// <summary>Between its hello and the welcome the other side has nothing to say.</summary>
    private sealed class SilenceExpected : IFrameSink
    {
        internal static SilenceExpected Instance { get; } = new();

        public void OnFrame(in FrameHeader header, ReadOnlySpan<byte> body, PooledBuffer? payload) =>
            throw new MalformedMessageException("a message came before the welcome");
    }
}
