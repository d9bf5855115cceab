using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Replication.Cluster.Embedded;

/// <summary>
/// Reads the bytes of a journal back into a state. A crash can leave one bad frame, at the end, and that
/// frame was never acknowledged: it is cut. Anything else is damage to what was acknowledged, and is refused,
/// for going on without it would bring an older record back to life (P4 is what catches a last frame that was
/// damaged instead).
/// </summary>
internal static class JournalReplay
{
    /// <summary>
    /// Reads a whole file. The state's values are copies, so that they do not keep the file.
    /// </summary>
    public static ReplayResult Read(ReadOnlyMemory<byte> file)
    {
        if (HeaderError(file.Span) is { } error)
        {
            return new ReplayResult.Refused(0, error);
        }

        uint snapshotEntries = BinaryPrimitives.ReadUInt32LittleEndian(file.Span[12..]);
        long snapshotRevision = BinaryPrimitives.ReadInt64LittleEndian(file.Span[16..]);
        StoreState state = StoreState.Empty.WithRevision(snapshotRevision);
        int offset = JournalFormat.HeaderLengthBytes;
        while (offset < file.Length)
        {
            bool inSnapshot = state.Entries.Count < snapshotEntries && state.Revision == snapshotRevision;
            if (FrameError(file.Span[offset..], out int frameLengthBytes) is { } frameError)
            {
                return inSnapshot
                    ? new ReplayResult.Refused(offset, $"the snapshot is damaged: {frameError}")
                    : Tail(file, offset, state, frameError);
            }

            string? changeError = ApplyFrame(file.Slice(offset, frameLengthBytes), inSnapshot, ref state);
            if (changeError is not null)
            {
                return new ReplayResult.Refused(offset, changeError);
            }

            offset += frameLengthBytes;
        }

        // The snapshot was synced before its file got its name, so a crash never leaves a part of it.
        return state.Revision == snapshotRevision && state.Entries.Count < snapshotEntries
            ? new ReplayResult.Refused(
                offset, $"the snapshot has {state.Entries.Count} of its {snapshotEntries} entries")
            : new ReplayResult.Replayed(state, offset, CutReason: null);
    }

    private static string? HeaderError(ReadOnlySpan<byte> file)
    {
        if (file.Length < JournalFormat.HeaderLengthBytes)
        {
            return $"{file.Length} bytes are no journal: its header has {JournalFormat.HeaderLengthBytes}";
        }

        if (!file.StartsWith(JournalFormat.Magic))
        {
            return "this is no journal: it does not start with RPLSTORE";
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(file[8..]);
        if (version != JournalFormat.FormatVersion)
        {
            return $"the journal has format {version}, "
                + $"this program reads format {JournalFormat.FormatVersion}";
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(file[28..]) != JournalFormat.Checksum(0, file[..28]))
        {
            return "the header's checksum is wrong";
        }

        return BinaryPrimitives.ReadInt64LittleEndian(file[16..]) < 0
            ? "the snapshot's revision is negative"
            : null;
    }

    /// <summary>Why no whole frame starts here, or null and its length.</summary>
    private static string? FrameError(ReadOnlySpan<byte> rest, out int frameLengthBytes)
    {
        frameLengthBytes = 0;
        if (rest.Length < JournalFormat.FrameHeaderLengthBytes)
        {
            return $"{rest.Length} bytes are less than a frame's header";
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(rest) != JournalFormat.FrameMagic)
        {
            return "no frame starts here";
        }

        uint bodyLengthBytes = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
        if (bodyLengthBytes > JournalLimits.FrameLengthMaxBytes - JournalFormat.FrameHeaderLengthBytes)
        {
            return $"a frame's body of {bodyLengthBytes} bytes is longer than any";
        }

        int lengthBytes = JournalFormat.FrameHeaderLengthBytes + (int)bodyLengthBytes;
        if (lengthBytes > rest.Length)
        {
            return $"the frame has {rest.Length} of its {lengthBytes} bytes";
        }

        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(rest[12..]);
        if (checksum != JournalFormat.FrameChecksum(rest[..lengthBytes]))
        {
            return "the frame's checksum is wrong";
        }

        frameLengthBytes = lengthBytes;
        return null;
    }

    /// <summary>
    /// The writer never starts a frame before the one ahead of it is synced, so a bad frame with a good one
    /// after it was good once, and its changes were acknowledged.
    /// </summary>
    private static ReplayResult Tail(
        ReadOnlyMemory<byte> file, int offset, StoreState state, string frameError)
    {
        ReadOnlySpan<byte> tail = file.Span[offset..];
        if (tail.Length > JournalLimits.FrameLengthMaxBytes)
        {
            return new ReplayResult.Refused(
                offset, $"{frameError}, and {tail.Length} bytes follow, more than a crash leaves");
        }

        for (int later = 1; later < tail.Length; later++)
        {
            if (FrameError(tail[later..], out _) is null)
            {
                return new ReplayResult.Refused(
                    offset, $"{frameError}, and a good frame follows at offset {offset + later}");
            }
        }

        return new ReplayResult.Replayed(state, offset, frameError);
    }

    private static string? ApplyFrame(ReadOnlyMemory<byte> frame, bool inSnapshot, ref StoreState state)
    {
        uint changes = BinaryPrimitives.ReadUInt32LittleEndian(frame.Span[8..]);
        ReadOnlyMemory<byte> rest = frame[JournalFormat.FrameHeaderLengthBytes..];
        for (uint index = 0; index < changes; index++)
        {
            if (!TryDecode(ref rest, out JournalChange? change))
            {
                return $"change {index} of the frame is not one, though the checksum is right";
            }

            if (OrderError(change, inSnapshot, state) is { } error)
            {
                return error;
            }

            state = state.Apply(change);
        }

        return rest.IsEmpty ? null : "the frame is longer than its changes, though the checksum is right";
    }

    private static bool TryDecode(
        ref ReadOnlyMemory<byte> rest, [NotNullWhen(true)] out JournalChange? change)
    {
        change = null;
        if (rest.Length < JournalFormat.ChangeHeaderLengthBytes)
        {
            return false;
        }

        ReadOnlySpan<byte> header = rest.Span;
        JournalChangeKind kind = (JournalChangeKind)header[0];
        int keyLengthBytes = BinaryPrimitives.ReadUInt16LittleEndian(header[2..]);
        uint valueLengthBytes = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        long revision = BinaryPrimitives.ReadInt64LittleEndian(header[8..]);
        ReadOnlyMemory<byte> body = rest[JournalFormat.ChangeHeaderLengthBytes..];
        if (kind is < JournalChangeKind.Snapshot or > JournalChangeKind.Delete
            || valueLengthBytes > StoreLimits.ValueLengthMaxBytes
            || keyLengthBytes + (long)valueLengthBytes > body.Length)
        {
            return false;
        }

        string key = Encoding.Latin1.GetString(body.Span[..keyLengthBytes]);
        if (StoreLimits.KeyError(key) is not null)
        {
            return false;
        }

        byte[] value = body.Slice(keyLengthBytes, (int)valueLengthBytes).ToArray();
        change = new JournalChange(kind, key, value, revision);
        rest = body[(keyLengthBytes + (int)valueLengthBytes)..];
        return true;
    }

    private static string? OrderError(JournalChange change, bool inSnapshot, StoreState state)
    {
        bool isSnapshot = change.Kind == JournalChangeKind.Snapshot;
        if (isSnapshot != inSnapshot)
        {
            return inSnapshot
                ? "a change stands within the snapshot"
                : "a snapshot's entry stands among the changes";
        }

        bool exists = state.Entries.ContainsKey(change.Key);
        if (isSnapshot)
        {
            return exists || change.Revision < 1 || change.Revision > state.Revision
                ? $"the snapshot's entry {change.Key} with revision {change.Revision} does not fit"
                : null;
        }

        if (change.Revision != state.Revision + 1)
        {
            return $"revision {change.Revision} follows revision {state.Revision}";
        }

        return change.Kind == JournalChangeKind.Delete && !exists
            ? $"{change.Key} is deleted but absent"
            : null;
    }
}
