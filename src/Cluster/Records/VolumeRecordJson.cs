using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using Replication.Messages.Digests;

namespace Replication.Cluster.Records;

/// <summary>
/// A volume's record as UTF-8 JSON with a format version: what the store keeps, and what sidecars keep a copy
/// of (P4). Reading trusts nothing: every field must be there, within its bounds and consistent with the
/// others.
/// </summary>
public static class VolumeRecordJson
{
    /// <summary>The format that is written; <see cref="FirstFormatVersion"/> is read too.</summary>
    public const int FormatVersion = 2;

    /// <summary>
    /// The format before exports and node-names were recorded: every volume was exported under its own name.
    /// </summary>
    public const int FirstFormatVersion = 1;

    /// <summary>Names and descriptions of exports are kept as they are, not as \u escapes.</summary>
    private static readonly VolumeRecordContext Context = new(
        new JsonSerializerOptions(VolumeRecordContext.Default.Options) { Encoder = Encoder });

    /// <summary>What text takes in a record is what this makes of it.</summary>
    internal static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>
    /// The record's bytes, at most <see cref="RecordLimits.EncodedLengthMaxBytes"/>. A record that breaks its
    /// rules throws, since whoever made it did.
    /// </summary>
    public static byte[] Encode(VolumeRecord record)
    {
        if (VolumeRecordRules.FirstError(record) is { } error)
        {
            throw new InvalidOperationException(
                $"the record of volume {record.Name} is not to be stored: {error}");
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(
            ToDocument(record), Context.VolumeRecordDocument);
        return json.Length <= RecordLimits.EncodedLengthMaxBytes
            ? json
            : throw new InvalidOperationException(
                $"the record of volume {record.Name} takes {json.Length} bytes, which its limits rule out");
    }

    /// <summary>Reads a record; on failure the error names the field and what would be right.</summary>
    public static bool TryParse(
        ReadOnlySpan<byte> json,
        [NotNullWhen(true)] out VolumeRecord? record,
        [NotNullWhen(false)] out string? error)
    {
        record = null;
        if (json.Length > RecordLimits.EncodedLengthMaxBytes)
        {
            error = $"a record has at most {RecordLimits.EncodedLengthMaxBytes} bytes, "
                + $"this one has {json.Length}";
            return false;
        }

        try
        {
            VolumeRecordDocument document =
                JsonSerializer.Deserialize(json, Context.VolumeRecordDocument)
                ?? throw new FieldException("the record is null");
            VolumeRecord read = FromDocument(document);
            error = VolumeRecordRules.FirstError(read);
            record = error is null ? read : null;
        }
        catch (JsonException exception)
        {
            error = $"{exception.Path ?? "$"}: {exception.Message}";
        }
        catch (FieldException exception)
        {
            error = exception.Message;
        }

        return error is null;
    }

    private static VolumeRecordDocument ToDocument(VolumeRecord record) => new()
    {
        Format = FormatVersion,
        Name = record.Name,
        Id = record.Id,
        Serial = record.Serial,
        SizeBytes = record.SizeBytes,
        Options = new VolumeOptionsDocument
        {
            Threshold = record.Options.Threshold,
            ReadPattern = EnumWords<ReadPattern>.Of(record.Options.ReadPattern),
            RewriteCorrupted = record.Options.RewriteCorrupted,
            Blkverify = record.Options.Blkverify,
            Digest = EnumWords<DigestKind>.Of(record.Options.Digest),
            Durability = EnumWords<Durability>.Of(record.Options.Durability),
            OnCacheLoss = EnumWords<CacheLossPolicy>.Of(record.Options.OnCacheLoss),
        },
        Epoch = record.Epoch,
        Owner = record.Owner,
        Children = [.. record.Children.Select(static child => new VolumeChildDocument
        {
            Name = child.Name,
            Node = child.Node,
            ReplicaId = child.ReplicaId,
            State = EnumWords<ChildState>.Of(child.State),
            NodeName = child.GivenNodeName,
        })],
        NextChildIndex = record.NextChildIndex,
        BadBlocks = [.. record.BadBlocks],
        Stopped = record.Stopped,
        Exports = [.. record.Exports.Select(static export => new VolumeExportDocument
        {
            Id = export.Id,
            Name = export.Name,
            Writable = export.Writable,
            Description = export.Description,
        })],
    };

    private static VolumeRecord FromDocument(VolumeRecordDocument document)
    {
        int format = Required(document.Format, "format");
        if (format is < FirstFormatVersion or > FormatVersion)
        {
            throw new FieldException(
                $"format: is {format}, this program reads {FirstFormatVersion} to {FormatVersion}");
        }

        VolumeOptionsDocument options = Required(document.Options, "options");
        return new VolumeRecord
        {
            Name = Required(document.Name, "name"),
            Id = Required(document.Id, "id"),
            Serial = Required(document.Serial, "serial"),
            SizeBytes = Required(document.SizeBytes, "size-bytes"),
            Options = new VolumeOptions
            {
                Threshold = Required(options.Threshold, "options.threshold"),
                ReadPattern = Word<ReadPattern>(options.ReadPattern, "options.read-pattern"),
                RewriteCorrupted = Required(options.RewriteCorrupted, "options.rewrite-corrupted"),
                Blkverify = Required(options.Blkverify, "options.blkverify"),
                Digest = Word<DigestKind>(options.Digest, "options.digest"),
                Durability = Word<Durability>(options.Durability, "options.durability"),
                OnCacheLoss = Word<CacheLossPolicy>(options.OnCacheLoss, "options.on-cache-loss"),
            },
            Epoch = Required(document.Epoch, "epoch"),
            Owner = document.Owner,
            Children = [.. Required(document.Children, "children").Select(Child)],
            NextChildIndex = Required(document.NextChildIndex, "next-child-index"),
            BadBlocks = [.. Required(document.BadBlocks, "bad-blocks")],
            Stopped = Required(document.Stopped, "stopped"),
            Exports = Exports(document, format),
        };
    }

    private static ImmutableArray<VolumeExport> Exports(VolumeRecordDocument document, int format)
    {
        if (format > FirstFormatVersion)
        {
            return [.. Required(document.Exports, "exports").Select(Export)];
        }

        return document.Exports is null
            ? [VolumeExport.OwnOf(Required(document.Name, "name"))]
            : throw new FieldException($"exports: format {format} has none");
    }

    private static VolumeExport Export(VolumeExportDocument? document, int position)
    {
        string field = $"exports[{position}]";
        VolumeExportDocument export = Required(document, field);
        return new VolumeExport(
            Required(export.Id, $"{field}.id"),
            Required(export.Name, $"{field}.name"),
            Required(export.Writable, $"{field}.writable"),
            Required(export.Description, $"{field}.description"));
    }

    private static VolumeChild Child(VolumeChildDocument? document, int position)
    {
        string field = $"children[{position}]";
        VolumeChildDocument child = Required(document, field);
        string name = Required(child.Name, $"{field}.name");
        if (!VolumeChild.TryParseName(name, out int index))
        {
            throw new FieldException($"{field}.name: is '{name}', a child's name is children.N");
        }

        return new VolumeChild(
            index,
            Required(child.Node, $"{field}.node"),
            Required(child.ReplicaId, $"{field}.replica-id"),
            Word<ChildState>(child.State, $"{field}.state"))
        {
            GivenNodeName = child.NodeName,
        };
    }

    private static T Word<T>(string? word, string field)
        where T : struct, Enum =>
        EnumWords<T>.TryParse(Required(word, field), out T value)
            ? value
            : throw new FieldException($"{field}: is '{word}', one of {EnumWords<T>.List} is expected");

    private static T Required<T>(T? value, string field)
        where T : struct => value ?? throw new FieldException($"{field}: is missing");

    private static T Required<T>(T? value, string field)
        where T : class => value ?? throw new FieldException($"{field}: is missing");

    /// <summary>Ends the reading at the first bad field; never leaves this class.</summary>
    private sealed class FieldException(string message) : Exception(message);
}
