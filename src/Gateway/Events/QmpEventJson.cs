using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;

namespace Replication.Gateway.Events;

/// <summary>
/// Writes events of volumes as QMP event objects, one line each, as docs/qmp.md describes them.
/// </summary>
public static class QmpEventJson
{
    // The line goes to programs and terminals, never into a page: quotes in an error's text stay readable.
    private static readonly JsonWriterOptions Options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The event as one line of JSON, without the line's end.</summary>
    public static string Line(VolumeEvent happened)
    {
        ArrayBufferWriter<byte> bytes = new(256);
        using (Utf8JsonWriter json = new(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("event", Name(happened));
            json.WriteStartObject("data");
            WriteData(json, happened);
            json.WriteEndObject();
            WriteTimestamp(json, happened.At);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static string Name(VolumeEvent happened) => happened switch
    {
        QuorumReportBad => "QUORUM_REPORT_BAD",
        QuorumFailure => "QUORUM_FAILURE",
        RangeRepaired => "RANGE_REPAIRED",
        ChildStateChanged => "CHILD_STATE_CHANGE",
        VolumeConditionChanged => "VOLUME_CONDITION_CHANGE",
        _ => throw new InvalidOperationException($"{happened.GetType().Name} has no name as a QMP event"),
    };

    private static void WriteData(Utf8JsonWriter json, VolumeEvent happened)
    {
        switch (happened)
        {
            case QuorumReportBad bad:
                json.WriteString("type", EnumWords<QuorumOperation>.Of(bad.Operation));
                if (bad.Error is not null)
                {
                    json.WriteString("error", bad.Error);
                }

                json.WriteString("node-name", bad.NodeName);
                WriteSectors(json, bad.SectorNum, bad.SectorsCount);
                break;
            case QuorumFailure failure:
                json.WriteString("reference", failure.Reference);
                WriteSectors(json, failure.SectorNum, failure.SectorsCount);
                break;
            case RangeRepaired repaired:
                json.WriteString("node-name", repaired.NodeName);
                WriteSectors(json, repaired.SectorNum, repaired.SectorsCount);
                break;
            case ChildStateChanged child:
                json.WriteString("volume", child.Volume);
                json.WriteString("child", child.Child);
                json.WriteString("node-name", child.NodeName);
                json.WriteString("state", EnumWords<ChildState>.Of(child.State));
                json.WriteString("reason", child.Reason);
                break;
            case VolumeConditionChanged volume:
                json.WriteString("volume", volume.Volume);
                json.WriteString("condition", EnumWords<VolumeCondition>.Of(volume.Condition));
                json.WriteString("reason", volume.Reason);
                break;
        }
    }

    private static void WriteSectors(Utf8JsonWriter json, long sectorNum, long sectorsCount)
    {
        json.WriteNumber("sector-num", sectorNum);
        json.WriteNumber("sectors-count", sectorsCount);
    }

    private static void WriteTimestamp(Utf8JsonWriter json, DateTimeOffset at)
    {
        json.WriteStartObject("timestamp");
        json.WriteNumber("seconds", at.ToUnixTimeSeconds());
        json.WriteNumber(
            "microseconds", at.UtcTicks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
        json.WriteEndObject();
    }
}
