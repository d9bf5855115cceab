using Replication.Actors.Buffers;
using Replication.Actors.Remoting.Codecs;

namespace Replication.Actors.Tests.Remoting;

/// <summary>A request of these tests, with or without a payload.</summary>
internal sealed record Ping(int Number, PooledBuffer? Payload = null);

/// <summary>Its answer.</summary>
internal sealed record Pong(int Number, PooledBuffer? Payload = null);

/// <summary>A message that no codec knows.</summary>
internal sealed record Unspeakable;

/// <summary>A message whose codec cannot write it.</summary>
internal sealed record Unwritable;

internal static class TestCodecs
{
    internal static IReadOnlyList<IMessageCodec> All { get; } =
        [new PingCodec(), new PongCodec(), new UnwritableCodec()];

    private sealed class PingCodec() : MessageCodec<Ping>(1000)
    {
        protected override PooledBuffer? PayloadOf(Ping message) => message.Payload;

        protected override void Write(Ping message, WireWriter body) => body.WriteInt32(message.Number);

        protected override Ping Read(ref WireReader body, PooledBuffer? payload) =>
            new(body.ReadInt32(), payload);
    }

    private sealed class PongCodec() : MessageCodec<Pong>(1001)
    {
        protected override PooledBuffer? PayloadOf(Pong message) => message.Payload;

        protected override void Write(Pong message, WireWriter body) => body.WriteInt32(message.Number);

        protected override Pong Read(ref WireReader body, PooledBuffer? payload) =>
            new(body.ReadInt32(), payload);
    }

    private sealed class UnwritableCodec() : MessageCodec<Unwritable>(1002)
    {
        protected override void Write(Unwritable message, WireWriter body) =>
            throw new NotSupportedException("on purpose");

        protected override Unwritable Read(ref WireReader body, PooledBuffer? payload) => new();
    }
}

/// <summary>Answers each ping with a pong of the same number and payload.</summary>
internal sealed class EchoActor : Actor
{
    protected override void Receive(object message)
    {
        if (message is Ping ping)
        {
            Sender.Tell(new Pong(ping.Number, ping.Payload), Self);
        }
        else
        {
            Unhandled(message);
        }
    }
}
