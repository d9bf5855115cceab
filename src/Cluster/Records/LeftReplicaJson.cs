using System.Text.Json;
using System.Text.Json.Serialization;
using Replication.Messages;

namespace Replication.Cluster.Records;

/// <summary>A left replica as UTF-8 JSON with a format version; strict, like a volume's record.</summary>
internal static class LeftReplicaJson
{
    private const int FormatVersion = 1;

    internal static byte[] Encode(LeftReplica left) => JsonSerializer.SerializeToUtf8Bytes(
        new LeftReplicaDocument
        {
            Format = FormatVersion,
            Volume = left.Identity.VolumeName,
            VolumeId = left.Identity.VolumeId,
            Node = left.Node,
            ReplicaId = left.Identity.ReplicaId,
            SizeBytes = left.Identity.SizeBytes,
            Serial = left.Serial,
            Epoch = left.Epoch,
        },
        LeftReplicaContext.Default.LeftReplicaDocument);

    /// <summary>Null for what is none, or breaks the rules of a record's fields.</summary>
    internal static LeftReplica? TryParse(ReadOnlySpan<byte> json)
    {
        LeftReplicaDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(json, LeftReplicaContext.Default.LeftReplicaDocument);
        }
        catch (JsonException)
        {
            // The caller counts it; what it was is for a person to look at, in the store.
            return null;
        }

        return document is
            {
                Format: FormatVersion,
                Volume: { } volume,
                VolumeId: { } volumeId,
                Node: { } node,
                ReplicaId: { } replicaId,
                SizeBytes: > 0 and <= RecordLimits.SizeMaxBytes and { } sizeBytes,
                Serial: null or >= 0,
                Epoch: null or <= RecordLimits.EpochMax,
            }
            && NameRule.Error(volume) is null && NameRule.Error(node) is null
            ? new LeftReplica(
                node,
                new ReplicaIdentity(volume, volumeId, replicaId, sizeBytes),
                document.Serial ?? 0,
                document.Epoch ?? 0)
            : null;
    }
}

/// <summary>A left replica as JSON has it; every field may be missing here.</summary>
internal sealed class LeftReplicaDocument
{
    public int? Format { get; set; }

    public string? Volume { get; set; }

    public Guid? VolumeId { get; set; }

    public string? Node { get; set; }

    public Guid? ReplicaId { get; set; }

    public long? SizeBytes { get; set; }

    /// <summary>Null in an entry that does not say it: only a replica never opened goes then.</summary>
    public long? Serial { get; set; }

    /// <summary>Null as <see cref="Serial"/> is.</summary>
    public uint? Epoch { get; set; }
}

/// <summary>An unknown or repeated field is an error.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    MaxDepth = 2)]
[JsonSerializable(typeof(LeftReplicaDocument))]
internal sealed partial class LeftReplicaContext : JsonSerializerContext;
