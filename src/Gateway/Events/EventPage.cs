namespace Replication.Gateway.Events;

/// <summary>Kept events from a number on.</summary>
/// <param name="Lines">The events, oldest first.</param>
/// <param name="Next">The number of the first event that is not there yet.</param>
/// <param name="MissedCount">Events that were asked for and are kept no more.</param>
public sealed record EventPage(IReadOnlyList<string> Lines, long Next, long MissedCount);
