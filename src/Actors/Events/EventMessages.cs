namespace Replication.Actors.Events;

/// <summary>
/// A message that reached nobody: the target had ended, its mailbox was full, or its node was lost.
/// </summary>
public sealed record DeadLetter(object Message, IActorRef Sender, IActorRef Recipient);

/// <summary>A message that its target had no case for.</summary>
public sealed record UnhandledMessage(object Message, IActorRef Sender, IActorRef Recipient);
