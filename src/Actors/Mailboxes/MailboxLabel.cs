namespace Replication.Actors.Mailboxes;

/// <summary>What a mailbox is counted as; several actors may share a label.</summary>
/// <param name="Kind">What the actor is: a fixed word.</param>
/// <param name="Name">Whose it is, where there are several of a kind; empty where there are not.</param>
public sealed record MailboxLabel(string Kind, string Name = "");
