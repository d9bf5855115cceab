using System.Text.Json;
using System.Text.Json.Nodes;
using Replication.Host.Output;

namespace Replication.Host.Tests.Output;

public sealed class StatusChangesTests
{
    private readonly StatusChanges _changes = new();

    [Fact]
    public void The_first_look_tells_everything_and_the_next_only_what_is_new()
    {
        JsonObject volume = VolumeSentencesTests.Volume();
        Assert.Equal(2, Look(volume).Count);
        Assert.Empty(Look(volume));

        VolumeSentencesTests.Set(volume, 1, "'state':'stale','link':'out','reason':'it timed out'");
        VolumeSentencesTests.With(volume, "condition", "'degraded'");

        Assert.Equal(
            [
                "demo is degraded. It serves all requests.",
                "demo-node2 (children.1) is stale: it timed out. "
                    + "It does not vote; it is tried again and again, and resynced once it can be reached.",
            ],
            Look(volume));
    }

    [Fact]
    public void What_is_over_is_told_once()
    {
        JsonObject volume = VolumeSentencesTests.Volume();
        VolumeSentencesTests.Set(volume, 1, "'state':'stale'");
        VolumeSentencesTests.With(volume, "bad-bytes", "4096");
        Look(volume);

        JsonObject well = VolumeSentencesTests.Volume();

        Assert.Equal(
            [
                "demo is healthy.",
                "demo has no bad block any more.",
                "demo-node2 (children.1) is in sync and votes.",
            ],
            Look(well));
        Assert.Empty(Look(well));
    }

    [Fact]
    public void A_child_that_was_removed_is_gone_and_not_well()
    {
        JsonObject volume = VolumeSentencesTests.Volume();
        VolumeSentencesTests.Set(volume, 2, "'state':'stale'");
        Look(volume);
        ((JsonArray)volume["children"]!).RemoveAt(2);

        IReadOnlyList<string> told = Look(volume);

        Assert.Equal("demo/children.2 is no more.", told[^1]);
        Assert.DoesNotContain(told, static line => line.Contains("in sync", StringComparison.Ordinal));
    }

    [Fact]
    public void Progress_is_told_now_and_then_and_not_at_each_look()
    {
        int told = 0;
        for (int look = 0; look < 2 * StatusChanges.ProgressLooks; look++)
        {
            JsonObject volume = VolumeSentencesTests.Volume();
            VolumeSentencesTests.Set(
                volume,
                0,
                $"'resync':{{'done-bytes':{look},'to-do-bytes':100,'copied-bytes':0,'bytes-per-second':0}}");
            told += Look(volume).Count(
                static line => line.Contains("is being resynced", StringComparison.Ordinal));
        }

        Assert.Equal(2, told);
    }

    private IReadOnlyList<string> Look(JsonObject volume)
    {
        using JsonDocument document = JsonDocument.Parse($"[{volume.ToJsonString()}]");
        return _changes.Next(document.RootElement);
    }
}
