namespace Replication.Coordinator.Voting;

/// <summary>The outcome of a vote.</summary>
/// <param name="Verdict">Where it stands.</param>
/// <param name="FirstHolder">Position of the first child that holds the winner; -1 when nothing won.</param>
/// <param name="Votes">Children that hold the winner so far.</param>
/// <param name="Errno">With TooManyFailures, the error that the children agree on most.</param>
public readonly record struct ReadOutcome(ReadVerdict Verdict, int FirstHolder, int Votes, int Errno)
{
    /// <summary>More answers are needed.</summary>
    public static ReadOutcome Wait => new(ReadVerdict.Wait, -1, 0, 0);
}
