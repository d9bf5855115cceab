using FsCheck;
using FsCheck.Fluent;
using Replication.Actors.Disk;
using Replication.Coordinator.Voting;

namespace Replication.Coordinator.Tests.Voting;

/// <summary>P14's vote on block status: a hole wants q who say so and nobody who says data.</summary>
public sealed class ExtentVoteTests
{
    private const int Offset = 1000;

    private static readonly Gen<string?> AnyMap = Gen.Frequency(
        (5, Gen.Elements('h', 'd').ArrayOf(12).Select(static map => (string?)new string(map))),
        (2, Gen.Choose(1, 12).Select(static length => (string?)new string('h', length))),
        (1, Gen.Constant((string?)null)));

    [Theory]
    [InlineData("hhdd", "hhdd", "hhdd", 2, "hhdd")]
    [InlineData("hhdd", "hddd", "hhhd", 2, "hddd")]
    [InlineData("hh", "hh", null, 2, "hh")]
    [InlineData("hh", null, null, 2, "dd")]
    [InlineData("hhhh", "hh", "hhhh", 2, "hh")]
    [InlineData("hh", "hh", null, 3, "dd")]
    public void A_hole_is_what_q_call_a_hole_and_none_calls_data(
        string? first, string? second, string? third, int readQuorum, string expected) =>
        Assert.Equal(expected, Merge([first, second, third], readQuorum, 4)[..expected.Length]);

    [Fact]
    public void Runs_of_one_kind_come_out_as_one_extent()
    {
        IReadOnlyList<DiskExtent> merged = ExtentVote.Merge(
            [[new(0, 10, true), new(10, 10, true)], [new(0, 20, true)]], 2, 0, 20);

        Assert.Equal([new DiskExtent(0, 20, IsHole: true)], merged);
    }

    [Fact]
    public void An_extent_that_reaches_over_the_range_is_cut()
    {
        IReadOnlyList<DiskExtent> merged =
            ExtentVote.Merge([[new(0, 99, true)], [new(0, 99, true)]], 2, 0, 20);

        Assert.Equal([new DiskExtent(0, 20, IsHole: true)], merged);
    }

    [Fact]
    public void Every_merge_covers_the_range_from_its_start_and_never_hides_data()
    {
        var anyVote = (
            from count in Gen.Choose(1, 5)
            from readQuorum in Gen.Choose((count / 2) + 1, count)
            from maps in AnyMap.ArrayOf(count)
            select (maps, readQuorum)).ToArbitrary();
        Prop.ForAll(anyVote, static vote =>
        {
            string merged = Merge(vote.maps, vote.readQuorum, 12);
            int given = vote.maps.Count(static map => map is not null);
            return merged.Length is >= 1 and <= 12 && merged.Select((kind, position) =>
            {
                char[] said =
                    [.. vote.maps.Where(map => map?.Length > position).Select(map => map![position])];
                int holes = said.Count(static one => one == 'h');
                bool anyData = said.Contains('d');
                bool mustBeHole = given == holes && holes >= vote.readQuorum;
                return kind == 'h' ? holes >= vote.readQuorum && !anyData : !mustBeHole;
            }).All(static fits => fits);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static string Merge(IReadOnlyList<string?> maps, int readQuorum, int length)
    {
        IReadOnlyList<DiskExtent>?[] answers =
            [.. maps.Select(static map => map is null ? null : Extents(map))];
        IReadOnlyList<DiskExtent> merged = ExtentVote.Merge(answers, readQuorum, Offset, length);
        string text = string.Empty;
        foreach (DiskExtent extent in merged)
        {
            Assert.Equal(Offset + text.Length, extent.OffsetBytes);
            text += new string(extent.IsHole ? 'h' : 'd', (int)extent.LengthBytes);
        }

        return text;
    }

    private static List<DiskExtent> Extents(string map)
    {
        List<DiskExtent> extents = [];
        for (int i = 0; i < map.Length; i++)
        {
            bool isHole = map[i] == 'h';
            if (extents.Count > 0 && extents[^1].IsHole == isHole)
            {
                extents[^1] = extents[^1] with { LengthBytes = extents[^1].LengthBytes + 1 };
            }
            else
            {
                extents.Add(new DiskExtent(Offset + i, 1, isHole));
            }
        }

        return extents;
    }
}
