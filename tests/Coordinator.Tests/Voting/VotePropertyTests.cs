using FsCheck;
using FsCheck.Fluent;
using Replication.Coordinator.Voting;

namespace Replication.Coordinator.Tests.Voting;

/// <summary>The vote against a second implementation, and what must hold of every outcome.</summary>
public sealed class VotePropertyTests
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(5000);

    private static readonly Gen<ChildAnswer> AnyAnswer = Gen.Frequency(
        (5, Gen.Elements('A', 'B', 'C').Select(static letter => ChildAnswer.Value(Answers.Version(letter)))),
        (1, Gen.Constant(ChildAnswer.Pending)),
        (2, Gen.Choose(5, 7).Select(ChildAnswer.Error)),
        (1, Gen.Choose(5, 7).Select(ChildAnswer.Gone)));

    private static readonly Arbitrary<(ChildAnswer[] Answers, int Threshold)> AnyVote = (
        from count in Gen.Choose(1, 7)
        from threshold in Gen.Choose(1, count)
        from answers in AnyAnswer.ArrayOf(count)
        select (answers, threshold)).ToArbitrary();

    [Fact]
    public void Every_vote_goes_as_in_the_naive_implementation() =>
        Prop.ForAll(AnyVote, static vote =>
            Vote.Decide(vote.Answers, vote.Threshold) == NaiveVote.Decide(vote.Answers, vote.Threshold))
            .Check(Thorough);

    [Fact]
    public void Every_vote_on_errors_goes_as_in_the_naive_implementation() =>
        Prop.ForAll(AnyVote, static vote =>
            Vote.MostFrequentErrno(vote.Answers) == NaiveVote.MostFrequentErrno(vote.Answers))
            .Check(Thorough);

    [Fact]
    public void What_won_early_wins_whatever_the_others_answer() =>
        Prop.ForAll(
            AnyVote,
            AnyAnswer.ArrayOf(7).ToArbitrary(),
            static (vote, later) =>
            {
                ReadOutcome early = Vote.Decide(vote.Answers, vote.Threshold);
                if (early.Verdict != ReadVerdict.Won)
                {
                    return true;
                }

                ChildAnswer[] all = [.. vote.Answers.Select((answer, position) =>
                    answer.Kind == AnswerKind.Pending ? later[position] : answer)];
                ReadOutcome late = Vote.Decide(all, vote.Threshold);
                return late.Verdict == ReadVerdict.Won
                    && all[late.FirstHolder].Digest == vote.Answers[early.FirstHolder].Digest;
            })
            .Check(Thorough);

    [Fact]
    public void Nothing_stays_undecided_once_everyone_is_in() =>
        Prop.ForAll(AnyVote, static vote =>
            vote.Answers.Any(static answer => answer.Kind == AnswerKind.Pending)
            || Vote.Decide(vote.Answers, vote.Threshold).Verdict != ReadVerdict.Wait)
            .Check(Thorough);
}
