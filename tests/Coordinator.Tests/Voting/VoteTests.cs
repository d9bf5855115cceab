using Replication.Actors.Disk;
using Replication.Coordinator.Voting;

namespace Replication.Coordinator.Tests.Voting;

/// <summary>DESIGN.md section 4 and P14, rule by rule.</summary>
public sealed class VoteTests
{
    [Theory]
    [InlineData("AA.", 2)]
    [InlineData(".AA", 2)]
    [InlineData("A.A", 2)]
    [InlineData("AAA..", 3)]
    public void A_version_wins_as_soon_as_a_threshold_above_half_agrees(string words, int threshold)
    {
        ReadOutcome outcome = Vote.Decide(Answers.Of(words), threshold);

        Assert.Equal(ReadVerdict.Won, outcome.Verdict);
        Assert.Equal(words.IndexOf('A', StringComparison.Ordinal), outcome.FirstHolder);
        Assert.Equal(threshold, outcome.Votes);
    }

    [Theory]
    [InlineData("A..", 2)]
    [InlineData("AB.", 2)]
    [InlineData("A.5", 2)]
    [InlineData("AAB..", 3)]
    public void Fewer_than_the_threshold_decide_nothing_while_answers_are_owed(string words, int threshold) =>
        Assert.Equal(ReadVerdict.Wait, Vote.Decide(Answers.Of(words), threshold).Verdict);

    [Theory]
    [InlineData("AA..", 2)]
    [InlineData("AAA.", 2)]
    [InlineData("A.", 1)]
    [InlineData("AA.", 1)]
    public void With_a_threshold_of_half_or_less_all_are_waited_for(string words, int threshold) =>
        Assert.Equal(ReadVerdict.Wait, Vote.Decide(Answers.Of(words), threshold).Verdict);

    [Fact]
    public void With_a_threshold_of_half_or_less_the_most_frequent_version_wins_once_all_are_in()
    {
        ReadOutcome outcome = Vote.Decide(Answers.Of("ABBCC" + "B"), 2);

        Assert.Equal(new ReadOutcome(ReadVerdict.Won, 1, 3, 0), outcome);
    }

    [Theory]
    [InlineData("AB", 1, 1)]
    [InlineData("AABB", 2, 2)]
    [InlineData("ABBA", 2, 1)]
    [InlineData("BAAB", 2, 1)]
    [InlineData("ABC", 1, 2)]
    public void A_tie_goes_to_the_version_whose_first_holder_has_the_highest_index_as_in_qemu(
        string words, int threshold, int winner)
    {
        ReadOutcome outcome = Vote.Decide(Answers.Of(words), threshold);

        Assert.Equal(ReadVerdict.Won, outcome.Verdict);
        Assert.Equal(winner, outcome.FirstHolder);
    }

    [Theory]
    [InlineData("AB", 2)]
    [InlineData("ABC", 2)]
    [InlineData("AABB", 3)]
    [InlineData("AB5", 2)]
    public void Versions_that_all_stay_below_the_threshold_have_no_winner(string words, int threshold)
    {
        ReadOutcome outcome = Vote.Decide(Answers.Of(words), threshold);

        Assert.Equal(ReadVerdict.NoWinner, outcome.Verdict);
        Assert.Equal(-1, outcome.FirstHolder);
    }

    [Theory]
    [InlineData("A55", 2, 5)]
    [InlineData("A5!9", 2, 9)]
    [InlineData("A5!5", 2, 5)]
    [InlineData("556", 2, 5)]
    [InlineData("655", 2, 5)]
    [InlineData("5656", 3, 6)]
    [InlineData("6565", 3, 5)]
    [InlineData("!5!5!5", 2, 5)]
    public void Too_few_versions_fail_with_the_errno_that_most_children_report_ties_as_in_qemu(
        string words, int threshold, int errno)
    {
        ReadOutcome outcome = Vote.Decide(Answers.Of(words), threshold);

        Assert.Equal(new ReadOutcome(ReadVerdict.TooManyFailures, -1, 0, errno), outcome);
    }

    [Theory]
    [InlineData("A!5!5", 1)]
    [InlineData("AA!5!5", 2)]
    [InlineData("AA!5!5!5", 2)]
    public void Children_that_are_out_confirm_nothing_and_a_read_needs_q_confirmations(
        string words, int threshold)
    {
        ReadOutcome outcome = Vote.Decide(Answers.Of(words), threshold);

        Assert.Equal(ReadVerdict.TooManyFailures, outcome.Verdict);
        Assert.Equal(5, outcome.Errno);
    }

    [Theory]
    [InlineData("A5!5", 1)]
    [InlineData("AA5!5", 2)]
    [InlineData("AA5!5!5", 2)]
    public void A_child_that_answers_with_an_error_confirms_the_epoch(string words, int threshold) =>
        Assert.Equal(ReadVerdict.Won, Vote.Decide(Answers.Of(words), threshold).Verdict);

    [Fact]
    public void The_only_child_of_a_volume_wins_alone() =>
        Assert.Equal(new ReadOutcome(ReadVerdict.Won, 0, 1, 0), Vote.Decide(Answers.Of("A"), 1));

    [Fact]
    public void Without_any_error_the_errno_is_that_of_input_and_output() =>
        Assert.Equal(Errno.InputOutput, Vote.MostFrequentErrno(Answers.Of("AB")));

    [Theory]
    [InlineData(2, 3, true)]
    [InlineData(1, 2, false)]
    [InlineData(2, 4, false)]
    [InlineData(3, 4, true)]
    [InlineData(3, 5, true)]
    [InlineData(2, 5, false)]
    [InlineData(1, 1, true)]
    public void P19_repair_is_justified_by_more_than_half(int votes, int synced, bool justified) =>
        Assert.Equal(justified, Vote.JustifiesRepair(votes, synced));
}
