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
    public static string Line(VolumeEvent happened) =>
        Line(Name(happened), json => WriteData(json, happened), happened.At);

    /// <summary>QEMU's BLOCK_EXPORT_DELETED, which no volume tells of, as one line.</summary>
    /// <param name="id">The export's id.</param>
    /// <param name="at">When it was removed.</param>
    public static string ExportDeleted(string id, DateTimeOffset at) =>
        Line("BLOCK_EXPORT_DELETED", json => json.WriteString("id", id), at);

    /// <summary>The event's name, such as <c>QUORUM_FAILURE</c>.</summary>
    public static string Name(VolumeEvent happened) => happened switch
    {
        QuorumReportBad => "QUORUM_REPORT_BAD",
        QuorumFailure => "QUORUM_FAILURE",
        RangeRepaired => "RANGE_REPAIRED",
        ChildStateChanged => "CHILD_STATE_CHANGE",
        VolumeConditionChanged => "VOLUME_CONDITION_CHANGE",
        ResyncStarted => "RESYNC_STARTED",
        ResyncProgressed => "RESYNC_PROGRESS",
        ResyncEnded => "RESYNC_ENDED",
        UnflushedWritesLost => "UNFLUSHED_WRITES_LOST",
        BadBlocksChanged => "BAD_BLOCKS_CHANGE",
        BlkverifyMismatch => "BLKVERIFY_MISMATCH",
        VolumeCreated => "VOLUME_CREATED",
        VolumeRemoved => "VOLUME_DELETED",
        VolumeReopened => "VOLUME_REOPENED",
        MemberAdded => "CHILD_ADDED",
        MemberRemoved => "CHILD_REMOVED",
        _ => throw new InvalidOperationException($"{happened.GetType().Name} has no name as a QMP event"),
    };

    private static string Line(string name, Action<Utf8JsonWriter> writeData, DateTimeOffset at)
    {
        ArrayBufferWriter<byte> bytes = new(256);
        using (Utf8JsonWriter json = new(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("event", name);
            json.WriteStartObject("data");
            writeData(json);
            json.WriteEndObject();
            WriteTimestamp(json, at);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

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
                WriteChild(json, child.Volume, child.Child, child.NodeName);
                json.WriteString("state", EnumWords<ChildState>.Of(child.State));
                json.WriteString("reason", child.Reason);
                break;
            case VolumeConditionChanged volume:
                json.WriteString("volume", volume.Volume);
                json.WriteString("condition", EnumWords<VolumeCondition>.Of(volume.Condition));
                json.WriteString("reason", volume.Reason);
                break;
            case UnflushedWritesLost lost:
                json.WriteString("volume", lost.Volume);
                json.WriteString("reason", lost.Reason);
                break;
            case BadBlocksChanged blocks:
                json.WriteString("volume", blocks.Volume);
                WriteSectors(json, blocks.SectorNum, blocks.SectorsCount);
                json.WriteBoolean("bad", blocks.Bad);
                break;
            case BlkverifyMismatch mismatch:
                WriteMismatch(json, mismatch);
                break;
            case VolumeCreated or VolumeRemoved or VolumeReopened or MemberAdded or MemberRemoved:
                WriteAdministration(json, happened);
                break;
            default:
                WriteResync(json, happened);
                break;
        }
    }

    /// <summary>What an administrator did, and what became of it.</summary>
    private static void WriteAdministration(Utf8JsonWriter json, VolumeEvent happened)
    {
        switch (happened)
        {
            case VolumeCreated created:
                WriteCreated(json, created);
                break;
            case VolumeRemoved removed:
                json.WriteString("volume", removed.Volume);
                WriteLeftOn(json, removed.LeftOn);
                break;
            case VolumeReopened reopened:
                json.WriteString("volume", reopened.Volume);
                break;
            case MemberAdded added:
                WriteChild(json, added.Volume, added.Child, added.NodeName);
                json.WriteString("node", added.Node);
                break;
            case MemberRemoved removed:
                WriteChild(json, removed.Volume, removed.Child, removed.NodeName);
                json.WriteString("node", removed.Node);
                WriteLeftOn(json, removed.IsLeft ? [removed.Node] : []);
                break;
        }
    }

    private static void WriteCreated(Utf8JsonWriter json, VolumeCreated created)
    {
        json.WriteString("volume", created.Volume);
        json.WriteNumber("size", created.SizeBytes);
        json.WriteNumber("threshold", created.Threshold);
        json.WriteStartArray("children");
        foreach (CreatedChild child in created.Children)
        {
            json.WriteStartObject();
            json.WriteString("child", child.Child);
            json.WriteString("node-name", child.NodeName);
            json.WriteString("node", child.Node);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteLeftOn(Utf8JsonWriter json, IReadOnlyList<string> nodes)
    {
        json.WriteStartArray("left-on");
        foreach (string node in nodes)
        {
            json.WriteStringValue(node);
        }

        json.WriteEndArray();
    }

    private static void WriteMismatch(Utf8JsonWriter json, BlkverifyMismatch mismatch)
    {
        json.WriteString("volume", mismatch.Volume);
        json.WriteNumber("byte-offset", mismatch.ByteOffset);
        WriteSectors(json, mismatch.SectorNum, mismatch.SectorsCount);
        json.WriteStartArray("node-names");
        json.WriteStringValue(mismatch.FirstNodeName);
        json.WriteStringValue(mismatch.SecondNodeName);
        json.WriteEndArray();
    }

    private static void WriteResync(Utf8JsonWriter json, VolumeEvent happened)
    {
        switch (happened)
        {
            case ResyncStarted started:
                WriteChild(json, started.Volume, started.Child, started.NodeName);
                json.WriteBoolean("everything", started.Everything);
                break;
            case ResyncProgressed moved:
                WriteChild(json, moved.Volume, moved.Child, moved.NodeName);
                WriteProgress(json, moved.Progress);
                break;
            case ResyncEnded ended:
                WriteChild(json, ended.Volume, ended.Child, ended.NodeName);
                WriteProgress(json, ended.Progress);
                if (ended.Error is not null)
                {
                    json.WriteString("error", ended.Error);
                }

                break;
        }
    }

    private static void WriteChild(Utf8JsonWriter json, string volume, string child, string nodeName)
    {
        json.WriteString("volume", volume);
        json.WriteString("child", child);
        json.WriteString("node-name", nodeName);
    }

    private static void WriteProgress(Utf8JsonWriter json, ResyncProgress progress)
    {
        foreach ((string name, long value) in ResyncMembers.Of(progress))
        {
            json.WriteNumber(name, value);
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
