using Replication.Fuzz.Conversations;
using Replication.Fuzz.Running;

namespace Replication.Fuzz;

/// <summary>A short run of the fuzz program with a fixed seed, and what makes its runs repeatable.</summary>
public sealed class FuzzTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_fixed_seed_finds_no_wrong_answer_no_leak_and_an_undisturbed_bystander()
    {
        StringWriter output = new();
        FuzzOptions options = new(Seed: 4, Duration) { CaseMax = 1500 };

        FuzzReport report = await new FuzzRun(options, output).RunAsync();

        Assert.True(report.Failures.Count == 0, $"{output}{report}");
        Assert.True(report.CaseCount >= 100, $"only {report.CaseCount} conversations were held\n{report}");
        Assert.True(report.AnswerCount >= 100, $"only {report.AnswerCount} requests were answered\n{report}");
    }

    [Fact]
    public void The_same_seed_and_number_make_the_same_case_and_others_make_others()
    {
        HashSet<string> seen = [];
        for (int number = 0; number < 200; number++)
        {
            FuzzCase once = FuzzRun.CaseOf(7, number);
            FuzzCase again = FuzzRun.CaseOf(7, number);
            Assert.Equal(once.Bytes, again.Bytes);
            Assert.Equal(once.Pieces, again.Pieces);
            Assert.Equal(once.ToString(), again.ToString());
            Assert.True(seen.Add(Convert.ToHexString(once.Bytes) + once), $"{once} is there twice");
            Assert.NotEqual(once.Bytes, FuzzRun.CaseOf(8, number).Bytes);
        }
    }

    [Fact]
    public void Cases_are_of_every_kind()
    {
        FuzzCase[] cases = [.. Enumerable.Range(0, 1000).Select(static number => FuzzRun.CaseOf(1, number))];
        Assert.All(Enum.GetValues<Reading>(), way => Assert.Contains(cases, one => one.Reading == way));
        Assert.All(Enum.GetValues<Ending>(), way => Assert.Contains(cases, one => one.Ending == way));
        Assert.InRange(cases.Count(static one => one.Changes.Count == 0), 80, 250);
        string[] kinds =
            ["left out", "twice", "swapped", "stranger", "flood", "cut", "set to", "put in", "turned"];
        Assert.All(kinds, kind => Assert.Contains(
            cases, one => one.Changes.Any(change => change.Contains(kind, StringComparison.Ordinal))));
    }
}
