using System.Text.Json.Serialization;

namespace Replication.Cluster.Records;

/// <summary>
/// A volume's record as JSON has it. Every field may be missing here, so that the reader can name the one
/// that is.
/// </summary>
internal sealed class VolumeRecordDocument
{
    [JsonPropertyOrder(-1)]
    public int? Format { get; set; }

    public string? Name { get; set; }

    public Guid? Id { get; set; }

    public long? Serial { get; set; }

    public long? SizeBytes { get; set; }

    public VolumeOptionsDocument? Options { get; set; }

    public uint? Epoch { get; set; }

    /// <summary>Null: the volume has no owner.</summary>
    public string? Owner { get; set; }

    public List<VolumeChildDocument?>? Children { get; set; }

    public int? NextChildIndex { get; set; }

    public List<long>? BadBlocks { get; set; }

    public bool? Stopped { get; set; }

    /// <summary>Not there in format 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<VolumeExportDocument?>? Exports { get; set; }
}

/// <summary>
/// The options within a <see cref="VolumeRecordDocument"/>; words are checked by the reader.
/// </summary>
internal sealed class VolumeOptionsDocument
{
    public int? Threshold { get; set; }

    public string? ReadPattern { get; set; }

    public bool? RewriteCorrupted { get; set; }

    public bool? Blkverify { get; set; }

    public string? Digest { get; set; }

    public string? Durability { get; set; }

    public string? OnCacheLoss { get; set; }
}

/// <summary>A child within a <see cref="VolumeRecordDocument"/>.</summary>
internal sealed class VolumeChildDocument
{
    public string? Name { get; set; }

    public string? Node { get; set; }

    public Guid? ReplicaId { get; set; }

    public string? State { get; set; }

    /// <summary>Null: it was given none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NodeName { get; set; }
}

/// <summary>An export within a <see cref="VolumeRecordDocument"/>.</summary>
internal sealed class VolumeExportDocument
{
    public string? Id { get; set; }

    public string? Name { get; set; }

    public bool? Writable { get; set; }

    public string? Description { get; set; }
}

/// <summary>
/// Strict: an unknown or repeated field is an error, for it may be one that matters to whoever wrote it.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    MaxDepth = 4)]
[JsonSerializable(typeof(VolumeRecordDocument))]
internal sealed partial class VolumeRecordContext : JsonSerializerContext;
