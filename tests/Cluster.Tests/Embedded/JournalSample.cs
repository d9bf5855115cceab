using System.Text;
using Replication.Cluster.Embedded;

namespace Replication.Cluster.Tests.Embedded;

/// <summary>A journal with a snapshot and frames after it, and the state after each frame.</summary>
internal sealed class JournalSample
{
    private readonly List<byte> _file = [];

    public JournalSample(int snapshotEntries)
    {
        StoreState state = StoreState.Empty.WithRevision(snapshotEntries);
        for (int index = 0; index < snapshotEntries; index++)
        {
            state = state.Apply(new JournalChange(
                JournalChangeKind.Snapshot, $"old/{index}", Encoding.ASCII.GetBytes($"v{index}"), index + 1));
        }

        _file.AddRange(JournalFormat.EncodeSnapshot(state));
        Ends.Add(_file.Count);
        States.Add(state);
    }

    public byte[] File => [.. _file];

    /// <summary>Where the snapshot, and each frame after it, ends.</summary>
    public List<int> Ends { get; } = [];

    /// <summary>The state at each of the ends.</summary>
    public List<StoreState> States { get; } = [];

    /// <summary>
    /// The same sample everywhere: puts, a replacement, a delete, two changes in one frame.
    /// </summary>
    public static JournalSample Usual()
    {
        var sample = new JournalSample(snapshotEntries: 2);
        sample.Append(("a", "first"));
        sample.Append(("old/0", "replaced"), ("b", ""));
        sample.Append(("old/1", null));
        sample.Append(("a", "second"));
        return sample;
    }

    public void Append(params (string Key, string? Value)[] changes)
    {
        StoreState state = States[^1];
        var frame = new List<JournalChange>();
        foreach ((string key, string? value) in changes)
        {
            var change = new JournalChange(
                value is null ? JournalChangeKind.Delete : JournalChangeKind.Put,
                key,
                Encoding.ASCII.GetBytes(value ?? ""),
                state.Revision + 1);
            frame.Add(change);
            state = state.Apply(change);
        }

        AppendBytes(JournalFormat.EncodeFrame(frame));
        States[^1] = state;
    }

    /// <summary>Bytes that change nothing a reader should see, as a frame of their own.</summary>
    public void AppendBytes(ReadOnlySpan<byte> bytes)
    {
        _file.AddRange(bytes);
        Ends.Add(_file.Count);
        States.Add(States[^1]);
    }

    public static void AssertSame(StoreState expected, StoreState actual)
    {
        Assert.Equal(expected.Revision, actual.Revision);
        Assert.Equal(expected.LiveLengthBytes, actual.LiveLengthBytes);
        Assert.Equal(expected.Entries.Values, actual.Entries.Values);
    }
}
