using System.Buffers.Binary;
using Replication.Cluster.Embedded;

namespace Replication.Cluster.Tests.Embedded;

/// <summary>What the bytes of a journal say, whole, cut short and damaged.</summary>
public sealed class JournalReplayTests
{
    private static readonly JournalSample Sample = JournalSample.Usual();

    [Fact]
    public void A_whole_journal_says_what_was_written()
    {
        var replayed = Assert.IsType<ReplayResult.Replayed>(JournalReplay.Read(Sample.File));
        JournalSample.AssertSame(Sample.States[^1], replayed.State);
        Assert.Equal(Sample.File.Length, replayed.GoodLengthBytes);
        Assert.Null(replayed.CutReason);
    }

    [Fact]
    public void A_journal_cut_at_any_byte_says_what_its_whole_frames_say()
    {
        for (int length = Sample.Ends[0]; length <= Sample.File.Length; length++)
        {
            int frame = Sample.Ends.FindLastIndex(end => end <= length);
            var replayed = Assert.IsType<ReplayResult.Replayed>(
                JournalReplay.Read(Sample.File.AsMemory(0, length)));
            JournalSample.AssertSame(Sample.States[frame], replayed.State);
            Assert.Equal(Sample.Ends[frame], replayed.GoodLengthBytes);
            Assert.Equal(Sample.Ends[frame] == length, replayed.CutReason is null);
        }
    }

    [Fact]
    public void A_snapshot_cut_at_any_byte_is_refused()
    {
        for (int length = 0; length < Sample.Ends[0]; length++)
        {
            Assert.IsType<ReplayResult.Refused>(JournalReplay.Read(Sample.File.AsMemory(0, length)));
        }
    }

    [Fact]
    public void Any_byte_damaged_before_the_last_frame_is_refused_at_its_frame()
    {
        for (int damaged = 0; damaged < Sample.Ends[^2]; damaged++)
        {
            byte[] file = Sample.File;
            file[damaged] ^= 0x5A;
            var refused = Assert.IsType<ReplayResult.Refused>(JournalReplay.Read(file));
            int frame = Sample.Ends.FindLastIndex(end => end <= damaged);
            long frameStart = frame >= 0 ? Sample.Ends[frame]
                : damaged < JournalFormat.HeaderLengthBytes ? 0
                : JournalFormat.HeaderLengthBytes;
            Assert.Equal(frameStart, refused.Offset);
            Assert.NotEmpty(refused.Reason);
        }
    }

    [Fact]
    public void Any_byte_damaged_in_the_last_frame_cuts_that_frame_alone()
    {
        for (int damaged = Sample.Ends[^2]; damaged < Sample.File.Length; damaged++)
        {
            byte[] file = Sample.File;
            file[damaged] ^= 0x5A;
            var replayed = Assert.IsType<ReplayResult.Replayed>(JournalReplay.Read(file));
            JournalSample.AssertSame(Sample.States[^2], replayed.State);
            Assert.NotNull(replayed.CutReason);
        }
    }

    [Fact]
    public void A_last_frame_whose_middle_page_never_reached_the_disk_is_cut()
    {
        // The later pages of an unsynced write may be there without the earlier ones; changes that follow in
        // the same frame must not look like acknowledged ones.
        var sample = new JournalSample(snapshotEntries: 1);
        sample.Append([.. Enumerable.Range(0, 40).Select(index => ($"k{index}", new string('x', 400)))]);
        byte[] file = sample.File;
        file.AsSpan(4096, 4096).Clear();
        var replayed = Assert.IsType<ReplayResult.Replayed>(JournalReplay.Read(file));
        JournalSample.AssertSame(sample.States[0], replayed.State);
    }

    [Fact]
    public void A_tail_of_zeroes_is_cut()
    {
        byte[] file = [.. Sample.File, .. new byte[5000]];
        var replayed = Assert.IsType<ReplayResult.Replayed>(JournalReplay.Read(file));
        JournalSample.AssertSame(Sample.States[^1], replayed.State);
        Assert.Equal(Sample.File.Length, replayed.GoodLengthBytes);
    }

    [Fact]
    public void A_bad_tail_longer_than_any_frame_is_refused()
    {
        byte[] file = [.. Sample.File, .. new byte[JournalLimits.FrameLengthMaxBytes + 1]];
        var refused = Assert.IsType<ReplayResult.Refused>(JournalReplay.Read(file));
        Assert.Equal(Sample.File.Length, refused.Offset);
    }

    [Fact]
    public void The_reason_names_the_good_frame_that_follows_a_bad_one()
    {
        byte[] file = Sample.File;
        file[Sample.Ends[1] + JournalFormat.FrameHeaderLengthBytes] ^= 1;
        var refused = Assert.IsType<ReplayResult.Refused>(JournalReplay.Read(file));
        Assert.Equal(Sample.Ends[1], refused.Offset);
        Assert.Equal(
            $"the frame's checksum is wrong, and a good frame follows at offset {Sample.Ends[2]}",
            refused.Reason);
    }

    [Fact]
    public void A_journal_of_another_format_is_refused_by_number()
    {
        byte[] file = Sample.File;
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), 2);
        var refused = Assert.IsType<ReplayResult.Refused>(JournalReplay.Read(file));
        Assert.Equal("the journal has format 2, this program reads format 1", refused.Reason);
    }

    [Fact]
    public void A_file_that_is_no_journal_is_refused()
    {
        var refused = Assert.IsType<ReplayResult.Refused>(JournalReplay.Read(new byte[4096]));
        Assert.Equal(0, refused.Offset);
        Assert.Contains("RPLSTORE", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_that_is_there_twice_is_refused_though_its_checksum_is_right()
    {
        JournalSample sample = JournalSample.Usual();
        sample.AppendBytes(sample.File.AsSpan(sample.Ends[^2]));
        var refused = Assert.IsType<ReplayResult.Refused>(JournalReplay.Read(sample.File));
        Assert.Equal("revision 7 follows revision 7", refused.Reason);
    }

    [Theory]
    [InlineData(JournalChangeKind.Delete, "absent", 8)]
    [InlineData(JournalChangeKind.Put, "skips", 9)]
    [InlineData(JournalChangeKind.Snapshot, "late", 1)]
    [InlineData((JournalChangeKind)4, "unknown", 8)]
    [InlineData(JournalChangeKind.Put, "no key", 8)]
    public void A_change_that_cannot_be_is_refused_though_its_checksum_is_right(
        object kind, string key, long revision)
    {
        JournalSample sample = JournalSample.Usual();
        sample.AppendBytes(JournalFormat.EncodeFrame(
            [new JournalChange((JournalChangeKind)kind, key, default, revision)]));
        var refused = Assert.IsType<ReplayResult.Refused>(JournalReplay.Read(sample.File));
        Assert.Equal(sample.Ends[^2], refused.Offset);
    }

    [Fact]
    public void A_snapshot_keeps_the_counter_of_changes_that_left_nothing()
    {
        var replayed = Assert.IsType<ReplayResult.Replayed>(
            JournalReplay.Read(JournalFormat.EncodeSnapshot(StoreState.Empty.WithRevision(41))));
        Assert.Equal(41, replayed.State.Revision);
    }

    [Fact]
    public void A_snapshot_larger_than_a_frame_is_read_back()
    {
        StoreState state = StoreState.Empty.WithRevision(10);
        for (int index = 0; index < 10; index++)
        {
            var value = new byte[StoreLimits.ValueLengthMaxBytes];
            new Random(index).NextBytes(value);
            state = state.Apply(new JournalChange(JournalChangeKind.Snapshot, $"k{index}", value, index + 1));
        }

        var replayed = Assert.IsType<ReplayResult.Replayed>(
            JournalReplay.Read(JournalFormat.EncodeSnapshot(state)));
        JournalSample.AssertSame(state, replayed.State);
    }

    [Fact]
    public void The_checksum_is_CRC_32C()
    {
        // The check value of the Castagnoli polynomial's catalogue entry (CRC-32/ISCSI).
        Assert.Equal(0xE3069283u, JournalFormat.Checksum(0, "123456789"u8));
        Assert.Equal(
            JournalFormat.Checksum(0, "123456789"u8),
            JournalFormat.Checksum(JournalFormat.Checksum(0, "1234"u8), "56789"u8));
    }
}
