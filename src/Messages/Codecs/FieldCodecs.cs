using Replication.Actors.Remoting.Codecs;
using Replication.Messages.Digests;

namespace Replication.Messages.Codecs;

/// <summary>Fields that several messages have, and their bounds.</summary>
internal static class FieldCodecs
{
    /// <summary>Longest name of a volume, in bytes of UTF-8.</summary>
    internal const int NameMaxBytes = 1024;

    /// <summary>
    /// Longest sentence of a failure, in bytes of UTF-8; a longer one is cut by the writer.
    /// </summary>
    internal const int ReasonMaxBytes = 4096;

    internal static void WriteIdentity(this WireWriter body, ReplicaIdentity identity)
    {
        body.WriteString(identity.VolumeName);
        body.WriteGuid(identity.VolumeId);
        body.WriteGuid(identity.ReplicaId);
        body.WriteInt64(identity.SizeBytes);
    }

    internal static ReplicaIdentity ReadIdentity(ref WireReader body) => new(
        body.ReadString(NameMaxBytes, "the name of a volume"),
        body.ReadGuid(),
        body.ReadGuid(),
        body.ReadInt64());

    /// <summary>The kind, 0 for <c>default</c>, then the digest's bytes.</summary>
    internal static void WriteDigest(this WireWriter body, in Digest digest)
    {
        body.WriteByte((byte)digest.Kind);
        Span<byte> bytes = stackalloc byte[Digest.LengthMaxBytes];
        body.WriteRaw(bytes[..digest.WriteTo(bytes)]);
    }

    internal static Digest ReadDigest(ref WireReader body)
    {
        DigestKind kind = (DigestKind)body.ReadByte();
        return kind == default ? default : ReadDigest(ref body, kind);
    }

    /// <summary>The digest's bytes alone.</summary>
    internal static Digest ReadDigest(ref WireReader body, DigestKind kind)
    {
        ExpectKnown(kind);
        return Digest.Read(kind, body.ReadRaw(Digest.LengthOf(kind)));
    }

    internal static DigestKind ReadDigestKind(ref WireReader body)
    {
        DigestKind kind = (DigestKind)body.ReadByte();
        ExpectKnown(kind);
        return kind;
    }

    private static void ExpectKnown(DigestKind kind)
    {
        if (!Digest.IsKnown(kind))
        {
            throw new MalformedMessageException($"digest kind {(byte)kind} is not known");
        }
    }
}
