namespace Replication.Actors.Mailboxes;

/// <summary>
/// What the kernel tells an actor in the order of its user messages. It passes a mailbox's bound, since a
/// lost one would never come again, and is no dead letter when the actor ends first.
/// </summary>
internal abstract class KernelMessage
{
    /// <summary>What the actor sees of it.</summary>
    internal abstract object Visible { get; }
}
