using Replication.Actors.Threading;

namespace Replication.Actors.Mailboxes;

/// <summary>
/// The queue in front of an actor, and the piece of work a dispatcher runs. At most one thread runs it at a
/// time: the status moves idle → scheduled by compare-and-set, and back only after a batch, followed by
/// another look.
/// </summary>
internal sealed class Mailbox : IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Scheduled = 1;

    private readonly MessageQueue _messages = new();
    private readonly SystemQueue _systemMessages = new();
    private readonly IDispatcher _dispatcher;
    private readonly ActorCell _cell;
    private readonly int _capacity;
    private readonly bool _isCounted;
    private int _waiting;
    private int _status;

    internal Mailbox(ActorCell cell, IDispatcher dispatcher, Props props)
    {
        _cell = cell;
        _dispatcher = dispatcher;
        _capacity = props.MailboxCapacity;
        _isCounted = _capacity > 0 || props.MailboxLabel is not null;
    }

    /// <summary>User messages that wait, where they are counted; else 0. Any thread.</summary>
    internal int WaitingCount => Volatile.Read(ref _waiting);

    /// <summary>Queues a user message; false when the bound is reached and nothing was queued.</summary>
    internal bool TryPost(object message, IActorRef? sender)
    {
        if (_isCounted && Interlocked.Increment(ref _waiting) > _capacity && _capacity > 0)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }

        _messages.Enqueue(new Envelope(message, sender));
        ScheduleIfIdle();
        return true;
    }

    /// <summary>Queues among the user messages, whatever the bound says.</summary>
    internal void PostKernel(KernelMessage message, IActorRef? sender)
    {
        if (_isCounted)
        {
            Interlocked.Increment(ref _waiting);
        }

        _messages.Enqueue(new Envelope(message, sender));
        ScheduleIfIdle();
    }

    internal void PostSystem(SystemMessage message)
    {
        _systemMessages.Enqueue(message);
        ScheduleIfIdle();
    }

    /// <summary>
    /// Runs one batch: all system messages, then user messages with a look at the system's after each.
    /// </summary>
    public void Execute()
    {
        RunSystemMessages();
        for (int left = _dispatcher.Throughput; left > 0 && _cell.TakesUserMessages; left--)
        {
            if (!TryTake(out object message, out IActorRef? sender))
            {
                break;
            }

            _cell.Invoke(message, sender);
            if (!_systemMessages.IsEmpty)
            {
                RunSystemMessages();
            }
        }

        // The exchange is a full fence: a producer that still saw "scheduled" has its message seen below.
        Interlocked.Exchange(ref _status, Idle);
        if (HasWork)
        {
            ScheduleIfIdle();
        }
    }

    /// <summary>Hands everything that still waits to the dead letters; the cell is terminated.</summary>
    internal void DrainToDeadLetters()
    {
        while (TryTake(out object message, out IActorRef? sender))
        {
            _cell.ToDeadLetters(message, sender);
        }
    }

    private bool HasWork =>
        !_systemMessages.IsEmpty || (_cell.TakesUserMessages && (_cell.HasUnstashed || !_messages.IsEmpty));

    private bool TryTake(out object message, out IActorRef? sender)
    {
        if (_cell.TryTakeUnstashed(out message, out sender))
        {
            return true;
        }

        if (!_messages.TryDequeue(out message, out sender))
        {
            return false;
        }

        if (_isCounted)
        {
            Interlocked.Decrement(ref _waiting);
        }

        return true;
    }

    private void RunSystemMessages()
    {
        for (SystemMessage? message = _systemMessages.TakeAll(); message is not null;)
        {
            SystemMessage? next = message.Next;
            message.Next = null;
            _cell.InvokeSystem(message);
            message = next ?? _systemMessages.TakeAll();
        }
    }

    private void ScheduleIfIdle()
    {
        if (Volatile.Read(ref _status) == Idle
            && Interlocked.CompareExchange(ref _status, Scheduled, Idle) == Idle)
        {
            _dispatcher.Schedule(this);
        }
    }
}
