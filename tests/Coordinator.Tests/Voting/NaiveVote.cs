using Replication.Actors.Disk;
using Replication.Coordinator.Voting;
using Replication.Messages.Digests;

namespace Replication.Coordinator.Tests.Voting;

/// <summary>
/// The vote a second time, written from the text of DESIGN.md section 4, P14 and QEMU's rules of ties alone
/// and with no thought of speed: what the shipped one is held against.
/// </summary>
internal static class NaiveVote
{
    internal static ReadOutcome Decide(ChildAnswer[] answers, int threshold)
    {
        int half = answers.Length / 2;
        int readQuorum = Math.Max(threshold, half + 1);
        bool isEveryoneIn = answers.All(static answer => answer.Kind != AnswerKind.Pending);
        bool mayAnswerEarly = threshold > answers.Length / 2.0;
        List<(Digest Version, int First, int Votes)> versions = Versions(answers);

        // "t > S/2: answered as soon as t children agree"; "otherwise all are waited for".
        if (!isEveryoneIn && !mayAnswerEarly)
        {
            return ReadOutcome.Wait;
        }

        // "A tie goes to the one whose first holder has the highest child index."
        (Digest _, int first, int votes) = versions
            .OrderByDescending(static version => version.Votes)
            .ThenByDescending(static version => version.First)
            .FirstOrDefault((default, -1, 0));

        // "At least q Synced children must have answered in this epoch": those that are out did not.
        int confirmations = answers.Count(
            static answer => answer.Kind is AnswerKind.Value or AnswerKind.Error);
        if (first >= 0 && votes >= threshold && confirmations >= readQuorum)
        {
            return new ReadOutcome(ReadVerdict.Won, first, votes, 0);
        }

        if (!isEveryoneIn)
        {
            return ReadOutcome.Wait;
        }

        bool tooFewVersions = answers.Count(static answer => answer.Kind == AnswerKind.Value) < threshold;
        return tooFewVersions || votes >= threshold
            ? new ReadOutcome(ReadVerdict.TooManyFailures, -1, 0, MostFrequentErrno(answers))
            : new ReadOutcome(ReadVerdict.NoWinner, -1, votes, 0);
    }

    internal static int MostFrequentErrno(ChildAnswer[] answers) => answers
        .Select(static (answer, position) => (answer, position))
        .Where(static entry => entry.answer.Kind is AnswerKind.Error or AnswerKind.Gone)
        .GroupBy(static entry => entry.answer.Errno)
        .OrderByDescending(static group => group.Count())
        .ThenByDescending(static group => group.Min(static entry => entry.position))
        .Select(static group => group.Key)
        .FirstOrDefault(Errno.InputOutput);

    private static List<(Digest Version, int First, int Votes)> Versions(ChildAnswer[] answers) =>
    [
        .. answers
            .Select(static (answer, position) => (answer, position))
            .Where(static entry => entry.answer.Kind == AnswerKind.Value)
            .GroupBy(static entry => entry.answer.Digest)
            .Select(static group => (group.Key, group.Min(static entry => entry.position), group.Count())),
    ];
}
