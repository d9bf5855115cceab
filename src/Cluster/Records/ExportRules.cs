using System.Text;
using System.Text.Json;

namespace Replication.Cluster.Records;

/// <summary>
/// What holds for the exports of a record. They share its room with the children; a change of a child's
/// state never fails for want of it, and neither does a bad block (P21).
/// </summary>
internal static class ExportRules
{
    /// <summary>Braces, names of fields, the flag and the comma.</summary>
    private const int FrameLengthMaxBytes = 64;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, true);

    /// <summary>The first rule that they break, or null; it starts with the field's name.</summary>
    internal static string? FirstError(VolumeRecord record)
    {
        if (record.Exports.Length > RecordLimits.ExportsMax)
        {
            return $"exports: are {record.Exports.Length}, a volume has at most {RecordLimits.ExportsMax}";
        }

        HashSet<string> ids = new(StringComparer.Ordinal);
        HashSet<string> names = new(StringComparer.Ordinal);
        long lengthBytes = (long)record.Children.Length * RecordLimits.ChildLengthMaxBytes;
        for (int position = 0; position < record.Exports.Length; position++)
        {
            VolumeExport export = record.Exports[position];
            string field = $"exports[{position}]";
            if (TextError(export) is { } error)
            {
                return $"{field}.{error}";
            }

            if (!ids.Add(export.Id))
            {
                return $"{field}.id: {export.Id} is there twice";
            }

            if (!names.Add(export.Name))
            {
                return $"{field}.name: {export.Name} is there twice";
            }

            lengthBytes += FrameLengthMaxBytes + export.Id.Length
                + EncodedLengthOf(export.Name) + EncodedLengthOf(export.Description);
        }

        // A volume without exports has room for all children that it can have.
        return lengthBytes > RecordLimits.MembersLengthMaxBytes && record.Exports.Length > 0
            ? $"exports: take {lengthBytes} bytes of the record together with its children, there is room "
                + $"for {RecordLimits.MembersLengthMaxBytes}"
            : null;
    }

    private static string? TextError(VolumeExport export)
    {
        if (NameRule.GivenError(export.Id) is { } error)
        {
            return $"id: an export's id {error}";
        }

        // NBD and QEMU end texts at a NUL.
        if (export.Name.Contains('\0') || export.Description.Contains('\0'))
        {
            return $"{(export.Name.Contains('\0') ? "name" : "description")}: holds a NUL";
        }

        int? nameBytes = LengthOf(export.Name);
        if (nameBytes is null or 0 or > RecordLimits.ExportTextMaxBytes)
        {
            return $"name: an export's name has 1 to {RecordLimits.ExportTextMaxBytes} bytes of UTF-8, "
                + Found(nameBytes);
        }

        int? descriptionBytes = LengthOf(export.Description);
        return descriptionBytes is null or > RecordLimits.ExportTextMaxBytes
            ? $"description: it has at most {RecordLimits.ExportTextMaxBytes} bytes of UTF-8, "
                + Found(descriptionBytes)
            : null;
    }

    private static string Found(int? bytes) =>
        bytes is { } known ? $"this one has {known}" : "this one is none";

    /// <summary>Null for what has no UTF-8: half of a surrogate pair would not be read back.</summary>
    private static int? LengthOf(string text)
    {
        try
        {
            return Utf8.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }

    private static int EncodedLengthOf(string text) =>
        JsonEncodedText.Encode(text, VolumeRecordJson.Encoder).EncodedUtf8Bytes.Length;
}
