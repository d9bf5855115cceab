namespace Replication.Actors.Mailboxes;

/// <summary>How many user messages wait in a mailbox.</summary>
/// <param name="Label">Whose mailbox.</param>
/// <param name="Count">Messages, of all live actors with that label; those that were stashed are not
/// among them.</param>
public sealed record MailboxLength(MailboxLabel Label, int Count);
