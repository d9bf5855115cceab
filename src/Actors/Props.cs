using Replication.Actors.Mailboxes;

namespace Replication.Actors;

/// <summary>
/// How to make an actor: a factory, called for the first life and for each restart, and its mailbox's bound.
/// </summary>
public sealed record Props(Func<Actor> Factory)
{
    /// <summary>
    /// Most user messages that may wait; 0 means no bound. What exceeds it goes to the dead letters.
    /// </summary>
    public int MailboxCapacity { get; init; }

    /// <summary>
    /// What the messages in the mailbox are counted as, for <see cref="ActorSystem.MailboxLengths"/>; null:
    /// they are not counted, which spares two interlocked additions a message.
    /// </summary>
    public MailboxLabel? MailboxLabel { get; init; }

    /// <summary>Props of a factory.</summary>
    public static Props Create(Func<Actor> factory) => new(factory);

    /// <summary>
    /// The same with a bounded mailbox: a message that finds it full goes to the dead letters.
    /// </summary>
    public Props WithMailboxCapacity(int messagesMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(messagesMax);
        return this with { MailboxCapacity = messagesMax };
    }
}
