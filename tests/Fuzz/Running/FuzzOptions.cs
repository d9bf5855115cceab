namespace Replication.Fuzz.Running;

/// <summary>What a run is to do.</summary>
/// <param name="Seed">Makes all conversations.</param>
/// <param name="Duration">How long conversations are begun.</param>
/// <param name="ClientCount">Conversations at a time.</param>
/// <param name="FirstCase">The number of the first case.</param>
/// <param name="CaseMax">Most cases; the run ends with them or with the time.</param>
internal sealed record FuzzOptions(
    long Seed, TimeSpan Duration, int ClientCount = 8, int FirstCase = 0, int CaseMax = int.MaxValue);
