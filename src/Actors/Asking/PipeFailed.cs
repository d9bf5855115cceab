namespace Replication.Actors.Asking;

/// <summary>A piped task failed.</summary>
/// <param name="Cause">Why.</param>
/// <param name="Tag">What the piping actor gave to know it by.</param>
public sealed record PipeFailed(Exception Cause, object? Tag);
