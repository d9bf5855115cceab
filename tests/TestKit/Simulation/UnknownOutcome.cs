namespace Replication.TestKit.Simulation;

/// <summary>What really becomes of a change whose answer is lost (P3).</summary>
public enum UnknownOutcome
{
    /// <summary>It never arrives.</summary>
    NotApplied,

    /// <summary>It is made, before the caller hears that the store is unavailable.</summary>
    Applied,

    /// <summary>
    /// It is on its way still: <see cref="SimulatedStore.LandLate"/> makes it, if its revision still fits.
    /// </summary>
    AppliedLater,
}
