using Replication.Actors.Remoting.Codecs;
using Replication.Actors.Remoting.Frames;

namespace Replication.Actors.Remoting.Handshake;

/// <summary>
/// The frames of the handshake. Their layout is the same in every protocol version: magic first, so that a
/// stranger is known as one, and then the versions, so that a mismatch can be said.
/// </summary>
internal static class HandshakeCodec
{
    /// <summary>"REPLICA" and a 1 when read as bytes.</summary>
    private const ulong Magic = 0x0141_4349_4C50_4552;

    internal static byte[] Encode(Hello hello)
    {
        WireWriter body = new();
        body.WriteUInt64(Magic);
        body.WriteUInt16(hello.Version);
        body.WriteUInt16(hello.LeastVersion);
        body.WriteByte((byte)hello.Kind);
        body.WriteUInt64(hello.SystemUid);
        body.WriteUInt64(hello.LinkId);
        body.WriteString(hello.ClusterName);
        body.WriteString(hello.NodeName);
        return Frame(KernelCodecs.HelloTypeId, body);
    }

    internal static byte[] Encode(Welcome welcome)
    {
        WireWriter body = new();
        body.WriteUInt64(Magic);
        body.WriteUInt16(welcome.Version);
        body.WriteUInt64(welcome.SystemUid);
        body.WriteString(welcome.NodeName);
        return Frame(KernelCodecs.WelcomeTypeId, body);
    }

    internal static byte[] Encode(Refusal refusal)
    {
        WireWriter body = new();
        body.WriteUInt64(Magic);
        body.WriteString(refusal.Reason);
        return Frame(KernelCodecs.RefusalTypeId, body);
    }

    /// <exception cref="MalformedMessageException">It is not a hello.</exception>
    internal static Hello ReadHello(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        WireReader reader = Begin(in header, body, KernelCodecs.HelloTypeId, KernelCodecs.HelloTypeId);
        ushort version = reader.ReadUInt16();
        ushort leastVersion = reader.ReadUInt16();
        ChannelKind kind =
            (ChannelKind)reader.ReadByteUpTo((byte)ChannelKind.Data, "the kind of a connection");
        ulong systemUid = reader.ReadUInt64();
        ulong linkId = reader.ReadUInt64();
        string clusterName = reader.ReadString(RemotingLimits.NameMaxBytes, "the cluster's name");
        string nodeName = reader.ReadString(RemotingLimits.NameMaxBytes, "the node's name");

        // A later version may say more behind this: what is left over is no error here.
        return new Hello(version, leastVersion, clusterName, nodeName, systemUid, kind, linkId);
    }

    /// <summary>A <see cref="Welcome"/> or a <see cref="Refusal"/>.</summary>
    /// <exception cref="MalformedMessageException">It is neither.</exception>
    internal static object ReadAnswer(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        WireReader reader = Begin(in header, body, KernelCodecs.WelcomeTypeId, KernelCodecs.RefusalTypeId);
        if (header.TypeId == KernelCodecs.RefusalTypeId)
        {
            return new Refusal(
                reader.ReadString(RemotingLimits.HandshakeBodyMaxBytes, "the reason of a refusal"));
        }

        ushort version = reader.ReadUInt16();
        ulong systemUid = reader.ReadUInt64();
        string nodeName = reader.ReadString(RemotingLimits.NameMaxBytes, "the node's name");
        return new Welcome(version, nodeName, systemUid);
    }

    private static WireReader Begin(
        in FrameHeader header, ReadOnlySpan<byte> body, ushort typeId, ushort orTypeId)
    {
        WireReader reader = new(body);
        bool isExpected = header.TypeId == typeId || header.TypeId == orTypeId;
        if (!isExpected || body.Length < 8 || reader.ReadUInt64() != Magic)
        {
            throw new MalformedMessageException("the other side does not speak this protocol");
        }

        return reader;
    }

    private static byte[] Frame(ushort typeId, WireWriter body)
    {
        byte[] frame = new byte[FrameHeader.LengthBytes + body.LengthBytes];
        FrameHeader header = new(body.LengthBytes, 0, typeId, FrameFlags.None, TargetId: 0, SenderId: 0);
        header.WriteTo(frame);
        body.Written.CopyTo(frame.AsSpan(FrameHeader.LengthBytes));
        return frame;
    }
}
