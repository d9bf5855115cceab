using Replication.Cluster.Records;
using Replication.Messages.Digests;

namespace Replication.Cluster.Tests.Records;

/// <summary>Records for tests, and short ways to say what became of one.</summary>
internal static class RecordSamples
{
    /// <summary>A volume with children on node0, node1, … in the given states.</summary>
    public static VolumeRecord Volume(int threshold, params ChildState[] states) => new()
    {
        Name = "vm-1",
        Id = Id(1000),
        Serial = 5,
        SizeBytes = 1 << 20,
        Options = new VolumeOptions { Threshold = threshold },
        Epoch = 3,
        Owner = "gateway1",
        Children = [.. states.Select(static (state, index) =>
            new VolumeChild(index, $"node{index}", Id(index + 1), state))],
        NextChildIndex = states.Length,
        BadBlocks = [],
        Stopped = false,
    };

    /// <summary>The largest record that the rules allow.</summary>
    public static VolumeRecord Largest() => new()
    {
        Name = new string('v', RecordLimits.NameLengthMax),
        Id = Id(1),
        Serial = long.MaxValue,
        SizeBytes = RecordLimits.SizeMaxBytes,
        Options = new VolumeOptions
        {
            Threshold = RecordLimits.ChildrenMax,
            Digest = DigestKind.Sha256,
            OnCacheLoss = CacheLossPolicy.Continue,
        },
        Epoch = RecordLimits.EpochMax,

        // The quote is the printable character that JSON makes the most of.
        Owner = new string('"', RecordLimits.OwnerLengthMax),
        Children = [.. Enumerable.Range(1, RecordLimits.ChildrenMax).Select(static number => new VolumeChild(
            int.MaxValue - number, $"{number:D2}".PadRight(RecordLimits.NameLengthMax, 'n'), Id(number),
            ChildState.Faulted)
        {
            GivenNodeName = $"{number:D2}".PadRight(RecordLimits.GivenNameLengthMax, 'N'),
        })],
        NextChildIndex = int.MaxValue,
        BadBlocks = [.. Enumerable.Range(1, RecordLimits.BadBlocksMax)
            .Select(static number => (RecordLimits.SizeMaxBytes / RecordLimits.BlockLengthBytes) - number)
            .Reverse()],
        Stopped = false,
        Exports = [LargestExport(0, 1400), LargestExport(1, 1520)],
    };

    private static VolumeExport LargestExport(int number, int nameBytes) => new(
        $"{number:D2}".PadRight(RecordLimits.GivenNameLengthMax, 'e'),
        $"{number:D2}".PadRight(nameBytes, 'x'),
        Writable: false,
        "");

    public static Guid Id(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);

    public static VolumeRecord Allowed(RecordChange change) =>
        change is RecordChange.Allowed allowed
            ? allowed.Record
            : throw new InvalidOperationException(((RecordChange.Refused)change).Reason);

    public static string Refused(RecordChange change) => Assert.IsType<RecordChange.Refused>(change).Reason;

    /// <summary>The change is refused, with a reason that has this in it.</summary>
    public static void AssertRefused(string reason, RecordChange change) =>
        Assert.Contains(reason, Refused(change), StringComparison.Ordinal);

    public static ChildState[] StatesOf(VolumeRecord record) =>
        [.. record.Children.Select(static child => child.State)];
}
