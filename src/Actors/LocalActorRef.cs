using Replication.Actors.Mailboxes;

namespace Replication.Actors;

/// <summary>The ref of an actor of this system: a mailbox, and the cell behind it.</summary>
internal sealed class LocalActorRef : InternalActorRef
{
    private readonly Mailbox _mailbox;
    private ActorPath? _path;

    internal LocalActorRef(ActorSystem system, ActorCell? parent, Props props, string? name)
    {
        Id = system.NextActorId();
        Name = name;
        Cell = new ActorCell(system, this, parent, props);
        _mailbox = new Mailbox(Cell, system.Options.Dispatcher, props);
        MailboxLabel = props.MailboxLabel;
    }

    /// <summary>
    /// The number that stands for this actor on the wire: unique in the life of the system.
    /// </summary>
    internal long Id { get; }

    /// <summary>Spares a look into the table of exposed actors; written by the system alone.</summary>
    internal bool IsExposed { get; set; }

    internal string? Name { get; }

    internal ActorCell Cell { get; }

    /// <summary>What its mailbox is counted as; null when it is not.</summary>
    internal MailboxLabel? MailboxLabel { get; }

    /// <summary>User messages that wait, where they are counted. Any thread.</summary>
    internal int WaitingCount => _mailbox.WaitingCount;

    public override ActorPath Path => _path ??= MakePath();

    public override void Tell(object message, IActorRef? sender = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!_mailbox.TryPost(message, sender))
        {
            Cell.ToDeadLetters(message, sender);
        }
    }

    /// <summary>Delivers in the order of user messages, past the mailbox's bound.</summary>
    internal void TellKernel(KernelMessage message, IActorRef? sender) =>
        _mailbox.PostKernel(message, sender);

    internal override void TellSystem(SystemMessage message) => _mailbox.PostSystem(message);

    internal void DrainToDeadLetters() => _mailbox.DrainToDeadLetters();

    private ActorPath MakePath()
    {
        string name = Name ?? $"${Id}";
        string? parent = Cell.ParentCell?.LocalSelf.Path.Elements;
        return new ActorPath(Cell.System.Name, string.IsNullOrEmpty(parent) ? name : $"{parent}/{name}");
    }
}
