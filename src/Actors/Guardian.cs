namespace Replication.Actors;

/// <summary>
/// The parent of all top-level actors: has no messages of its own, and restarts what fails.
/// </summary>
internal sealed class Guardian : Actor
{
    protected internal override void Receive(object message) => Unhandled(message);
}
