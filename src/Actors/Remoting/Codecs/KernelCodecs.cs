using Replication.Actors.Buffers;
using Replication.Actors.Remoting.Links;

namespace Replication.Actors.Remoting.Codecs;

/// <summary>
/// The kernel's own messages between two systems, numbers 1 to 63: 1 hello, 2 welcome and 3 refusal (written
/// by the handshake itself), 4 heartbeat, 5 watch, 6 unwatch, 7 ended, 8 goodbye. Numbers are never used
/// again.
/// </summary>
internal static class KernelCodecs
{
    internal const ushort HelloTypeId = 1;
    internal const ushort WelcomeTypeId = 2;
    internal const ushort RefusalTypeId = 3;
    internal const ushort FirstUserTypeId = 64;

    internal static IReadOnlyList<IMessageCodec> All { get; } =
    [
        new EmptyCodec<Heartbeat>(4, MessageChannel.Control, Heartbeat.Instance),
        new EmptyCodec<RemoteWatch>(5, MessageChannel.Control, RemoteWatch.Instance),
        new EmptyCodec<RemoteUnwatch>(6, MessageChannel.Control, RemoteUnwatch.Instance),
        new EndedCodec(),
        new EmptyCodec<Goodbye>(8, MessageChannel.Data, Goodbye.Instance),
    ];

    /// <summary>
    /// A message that says all by its type, and by target and sender in the frame's header.
    /// </summary>
    private sealed class EmptyCodec<T>(ushort typeId, MessageChannel channel, T instance)
        : MessageCodec<T>(typeId, channel)
        where T : class
    {
        protected override void Write(T message, WireWriter body)
        {
        }

        protected override T Read(ref WireReader body, PooledBuffer? payload) => instance;
    }

    private sealed class EndedCodec() : MessageCodec<RemoteEnded>(7)
    {
        protected override void Write(RemoteEnded message, WireWriter body)
        {
            body.WriteInt64(message.ActorId);
            body.WriteString(message.ActorName);
        }

        protected override RemoteEnded Read(ref WireReader body, PooledBuffer? payload) =>
            new(body.ReadInt64(), body.ReadString(RemotingLimits.NameMaxBytes, "the name of an ended actor"));
    }
}
