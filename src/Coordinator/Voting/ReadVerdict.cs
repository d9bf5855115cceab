namespace Replication.Coordinator.Voting;

/// <summary>Where a vote stands.</summary>
public enum ReadVerdict : byte
{
    /// <summary>More answers are needed.</summary>
    Wait,

    /// <summary>A version has won.</summary>
    Won,

    /// <summary>Enough children answered, and no version reached the threshold.</summary>
    NoWinner,

    /// <summary>
    /// Fewer children than the threshold answered with a version, or too few confirm the epoch.
    /// </summary>
    TooManyFailures,
}
