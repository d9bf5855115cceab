namespace Replication.Actors.Watch;

/// <summary>
/// A watched actor has ended, or (<paramref name="ConnectionLost"/>) its system can no longer be reached and
/// what became of it is unknown.
/// </summary>
public sealed record Terminated(IActorRef Actor, bool ConnectionLost = false);
