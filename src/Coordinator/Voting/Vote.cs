using Replication.Actors.Disk;

namespace Replication.Coordinator.Voting;

/// <summary>
/// The vote, as pure functions over the children's answers in their order: who wins, when that is certain,
/// and which error a failed request gets. Ties go as in QEMU's quorum: to the version, or errno, whose first
/// holder has the highest position.
/// </summary>
public static class Vote
{
    /// <summary>
    /// Decides a read (P14). With a threshold above half of the children a version wins as soon as that many
    /// agree; otherwise all are waited for, since a later answer may still make a version more frequent.
    /// </summary>
    /// <param name="answers">One of each Synced child, in the children's order; S is its length.</param>
    /// <param name="threshold">t, at least 1.</param>
    public static ReadOutcome Decide(ReadOnlySpan<ChildAnswer> answers, int threshold)
    {
        (int pending, int values, int errors) = Tally(answers);
        bool certainEarly = 2 * threshold > answers.Length;
        if (pending > 0 && (!certainEarly || values < threshold))
        {
            return ReadOutcome.Wait;
        }

        (int firstHolder, int votes) = MostFrequentVersion(answers);
        if (votes >= threshold && (pending == 0 || certainEarly))
        {
            return values + errors >= ReadQuorum(threshold, answers.Length)
                ? new ReadOutcome(ReadVerdict.Won, firstHolder, votes, 0)
                : pending > 0 ? ReadOutcome.Wait : Failures(answers);
        }

        if (pending > 0)
        {
            return ReadOutcome.Wait;
        }

        return values < threshold ? Failures(answers) : new ReadOutcome(ReadVerdict.NoWinner, -1, votes, 0);
    }

    /// <summary>
    /// q: the Synced children that must have answered in this epoch before a read counts (P14).
    /// </summary>
    public static int ReadQuorum(int threshold, int syncedCount) =>
        Math.Max(threshold, (syncedCount / 2) + 1);

    /// <summary>
    /// The version that most children hold: the position of its first holder (-1: none) and its votes.
    /// </summary>
    public static (int FirstHolder, int Votes) MostFrequentVersion(ReadOnlySpan<ChildAnswer> answers)
    {
        int best = -1;
        int bestVotes = 0;
        for (int i = 0; i < answers.Length; i++)
        {
            if (answers[i].Kind != AnswerKind.Value || HasEarlierHolder(answers, i))
            {
                continue;
            }

            int votes = CountFrom(answers, i);
            if (votes >= bestVotes)
            {
                best = i;
                bestVotes = votes;
            }

            if (2 * votes > answers.Length)
            {
                break;
            }
        }

        return (best, bestVotes);
    }

    /// <summary>The errno that most of the failed children report; EIO when none of them does.</summary>
    public static int MostFrequentErrno(ReadOnlySpan<ChildAnswer> answers)
    {
        int best = Errno.InputOutput;
        int bestVotes = 0;
        for (int i = 0; i < answers.Length; i++)
        {
            if (!IsFailure(answers[i]) || HasEarlierErrno(answers, i))
            {
                continue;
            }

            int votes = 0;
            for (int j = i; j < answers.Length; j++)
            {
                votes += IsFailure(answers[j]) && answers[j].Errno == answers[i].Errno ? 1 : 0;
            }

            if (votes >= bestVotes)
            {
                best = answers[i].Errno;
                bestVotes = votes;
            }
        }

        return best;
    }

    /// <summary>
    /// True when repair towards a version is justified: more than half of the Synced children hold it (P19).
    /// </summary>
    public static bool JustifiesRepair(int votes, int syncedCount) => 2 * votes > syncedCount;

    private static ReadOutcome Failures(ReadOnlySpan<ChildAnswer> answers) =>
        new(ReadVerdict.TooManyFailures, -1, 0, MostFrequentErrno(answers));

    private static (int Pending, int Values, int Errors) Tally(ReadOnlySpan<ChildAnswer> answers)
    {
        int pending = 0;
        int values = 0;
        int errors = 0;
        foreach (ref readonly ChildAnswer answer in answers)
        {
            switch (answer.Kind)
            {
                case AnswerKind.Pending:
                    pending++;
                    break;
                case AnswerKind.Value:
                    values++;
                    break;
                case AnswerKind.Error:
                    errors++;
                    break;
                default:
                    break;
            }
        }

        return (pending, values, errors);
    }

    private static bool IsFailure(in ChildAnswer answer) =>
        answer.Kind is AnswerKind.Error or AnswerKind.Gone;

    private static bool HasEarlierHolder(ReadOnlySpan<ChildAnswer> answers, int position)
    {
        for (int i = 0; i < position; i++)
        {
            if (answers[i].Kind == AnswerKind.Value && answers[i].Digest == answers[position].Digest)
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasEarlierErrno(ReadOnlySpan<ChildAnswer> answers, int position)
    {
        for (int i = 0; i < position; i++)
        {
            if (IsFailure(answers[i]) && answers[i].Errno == answers[position].Errno)
            {
                return true;
            }
        }

        return false;
    }

    private static int CountFrom(ReadOnlySpan<ChildAnswer> answers, int first)
    {
        int votes = 0;
        for (int i = first; i < answers.Length; i++)
        {
            if (answers[i].Kind == AnswerKind.Value && answers[i].Digest == answers[first].Digest)
            {
                votes++;
            }
        }

        return votes;
    }
}
