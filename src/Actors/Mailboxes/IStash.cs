namespace Replication.Actors.Mailboxes;

/// <summary>
/// Messages put aside by an actor that cannot handle them yet; gone to the dead letters if it stops.
/// </summary>
public interface IStash
{
    /// <summary>Most messages a stash holds; one more fails the actor.</summary>
    const int CapacityMax = 10_000;

    /// <summary>Messages put aside now.</summary>
    int Count { get; }

    /// <summary>Puts the current message aside.</summary>
    /// <exception cref="InvalidOperationException">The stash is full.</exception>
    void StashCurrent();

    /// <summary>Puts everything back in front of the mailbox, oldest first.</summary>
    void UnstashAll();
}
