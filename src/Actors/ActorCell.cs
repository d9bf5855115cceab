using Replication.Actors.Mailboxes;
using Replication.Actors.Supervision;
using Replication.Actors.Timing;
using Replication.Actors.Watch;

namespace Replication.Actors;

/// <summary>
/// One actor's place in the system through all its lives: instance, behaviour, children, watches. All members
/// but the few marked otherwise run on whichever thread runs the mailbox. Lifecycle lives in
/// <see cref="CellLifecycle"/>.
/// </summary>
internal sealed class ActorCell : IActorContext
{
    private readonly Props _props;
    private readonly CellLifecycle _lifecycle;
    private Stack<Action<object>>? _behaviours;
    private Action<object>? _receive;
    private TimerSet? _timers;
    private Stash? _stash;
    private WatchSet? _watches;
    private FailureHistory? _failures;
    private object? _message;
    private IActorRef? _sender;

    internal ActorCell(ActorSystem system, LocalActorRef self, ActorCell? parent, Props props)
    {
        System = system;
        LocalSelf = self;
        ParentCell = parent;
        _props = props;
        _lifecycle = new CellLifecycle(this);
    }

    public ActorSystem System { get; }

    public IActorRef Self => LocalSelf;

    public IActorRef Sender => _sender ?? System.DeadLetters;

    public IActorRef Parent => (IActorRef?)ParentCell?.LocalSelf ?? System.DeadLetters;

    public ITimers Timers => _timers ??= new TimerSet(this);

    public IStash Stash => _stash ??= new Stash(this);

    internal LocalActorRef LocalSelf { get; }

    internal ActorCell? ParentCell { get; }

    internal Actor? Instance { get; private set; }

    internal Children Children { get; } = new();

    /// <summary>Kept here for the parent, which alone touches it.</summary>
    internal FailureHistory Failures => _failures ??= new FailureHistory();

    /// <summary>The parent has told it to stop. The parent's alone, as the next two.</summary>
    internal bool IsStopRequested { get; set; }

    /// <summary>Its failure was escalated: what becomes of the parent decides what becomes of it.</summary>
    internal bool IsEscalated { get; set; }

    /// <summary>A delayed restart is under way: further failures of siblings ask for no second one.</summary>
    internal bool IsRestartPending { get; set; }

    internal object CurrentMessage =>
        _message ?? throw new InvalidOperationException("no message is being handled");

    internal IActorRef? CurrentSender => _sender;

    /// <summary>False while suspended by a failure or waiting for children to end before a restart.</summary>
    internal bool TakesUserMessages => _lifecycle.TakesUserMessages;

    internal bool HasUnstashed => _stash is { HasBack: true };

    internal bool IsTerminated => _lifecycle.IsTerminated;

    public IActorRef ActorOf(Props props, string? name = null)
    {
        if (_lifecycle.IsStopping)
        {
            throw new InvalidOperationException($"{LocalSelf.Path} is stopping and starts no children");
        }

        ActorPath.CheckName(name);
        LocalActorRef child = new(System, this, props, name);
        Children.Add(child.Cell);
        System.CountMailboxOf(child);
        child.TellSystem(new CreateActor());
        if (_lifecycle.IsHalted)
        {
            child.TellSystem(new SuspendActor());
        }

        return child;
    }

    public IActorRef? Child(string name) => Children.Find(name)?.LocalSelf;

    public void Stop(IActorRef actor)
    {
        if (actor is LocalActorRef local && ReferenceEquals(local.Cell.ParentCell, this))
        {
            StopChild(local.Cell);
        }
        else
        {
            System.Stop(actor);
        }
    }

    public void StopChildren()
    {
        foreach (ActorCell child in Children.Snapshot())
        {
            StopChild(child);
        }
    }

    public void Watch(IActorRef actor)
    {
        if (actor is not InternalActorRef watched)
        {
            throw new ArgumentException($"{actor.Path} is no actor and cannot be watched", nameof(actor));
        }

        if (!ReferenceEquals(actor, LocalSelf) && (_watches ??= new WatchSet()).TryAddWatched(actor))
        {
            watched.TellSystem(new AddWatcher(LocalSelf));
        }
    }

    public void Unwatch(IActorRef actor)
    {
        if (_watches is not null && _watches.TryRemoveWatched(actor))
        {
            ((InternalActorRef)actor).TellSystem(new RemoveWatcher(LocalSelf));
        }
    }

    public void Become(Action<object> receive, bool discardOld = true)
    {
        if (!discardOld)
        {
            (_behaviours ??= new Stack<Action<object>>()).Push(_receive!);
        }

        _receive = receive;
    }

    public void Unbecome() =>
        _receive = _behaviours is { Count: > 0 } ? _behaviours.Pop() : Instance!.Receive;

    public void Forward(IActorRef target, object message) => target.Tell(message, _sender);

    internal void Invoke(object message, IActorRef? sender)
    {
        if (_lifecycle.IsStopping)
        {
            ToDeadLetters(message, sender);
            return;
        }

        _message = message;
        _sender = sender;
        System.Options.Observer?.OnMessage(
            System, LocalSelf, message is KernelMessage kernel ? kernel.Visible : message);
        try
        {
            if (message is KernelMessage own)
            {
                if (!Accepts(own))
                {
                    return;
                }

                _message = message = own.Visible;
            }

            _receive!(message);
        }
#pragma warning disable CA1031 // Whatever an actor throws is its supervisor's to judge.
        catch (Exception cause)
#pragma warning restore CA1031
        {
            _lifecycle.Fail(cause, message);
        }
        finally
        {
            _message = null;
            _sender = null;
        }
    }

    internal void InvokeSystem(SystemMessage message)
    {
        System.Options.Observer?.OnMessage(System, LocalSelf, message);
        switch (message)
        {
            case AddWatcher add:
                if (_lifecycle.IsTerminated)
                {
                    add.Watcher.TellSystem(new WatchedEnded(LocalSelf, ConnectionLost: false));
                }
                else
                {
                    (_watches ??= new WatchSet()).AddWatcher(add.Watcher);
                }

                break;
            case RemoveWatcher remove:
                _watches?.RemoveWatcher(remove.Watcher);
                break;
            case WatchedEnded ended:
                // As a user message: what the watched actor sent before it ended is handled first.
                if (!_lifecycle.IsStopping && _watches is not null && _watches.TryEnd(ended.Actor))
                {
                    LocalSelf.TellKernel(
                        new WatchFired(new Terminated(ended.Actor, ended.ConnectionLost)), ended.Actor);
                }

                break;
            default:
                _lifecycle.Handle(message);
                break;
        }
    }

    internal bool TryTakeUnstashed(out object message, out IActorRef? sender)
    {
        if (_stash is not null)
        {
            return _stash.TryTakeBack(out message, out sender);
        }

        message = null!;
        sender = null;
        return false;
    }

    /// <summary>May run on any thread.</summary>
    internal void ToDeadLetters(object message, IActorRef? sender)
    {
        if (message is not KernelMessage)
        {
            System.PublishDeadLetter(message, sender, LocalSelf);
        }
    }

    internal void StopChild(ActorCell child)
    {
        if (Children.TryMarkStopping(child))
        {
            child.LocalSelf.TellSystem(new StopActor());
        }
    }

    /// <summary>
    /// A factory that throws leaves the cell without an instance, so that no hook runs twice on the old one.
    /// </summary>
    internal void DropInstance()
    {
        Instance = null;
        _behaviours = null;
        _receive = null;
    }

    internal void MakeInstance()
    {
        DropInstance();
        Actor instance = _props.Factory();
        instance.Attach(this);
        Instance = instance;
        _receive = instance.Receive;
    }

    internal void EndThisLife()
    {
        _timers?.CancelAll();
        _stash?.UnstashAll();
    }

    /// <summary>
    /// The last step: watchers and parent hear of it, and what still waits goes to the dead letters.
    /// </summary>
    internal void Terminate()
    {
        LocalSelf.DrainToDeadLetters();
        System.EventStream.Unsubscribe(LocalSelf);
        IReadOnlyList<InternalActorRef> watchers = _watches?.End(LocalSelf) ?? [];
        if (ParentCell is null)
        {
            AnnounceEnd(watchers);
            System.RootTerminated();
        }
        else
        {
            ParentCell.LocalSelf.TellSystem(new ChildEnded(this, watchers));
        }
    }

    /// <summary>Runs in the parent: the name is free again, then the watchers hear of the end.</summary>
    internal void AnnounceEnd(IReadOnlyList<InternalActorRef> watchers)
    {
        System.Forget(LocalSelf);
        foreach (InternalActorRef watcher in watchers)
        {
            watcher.TellSystem(new WatchedEnded(LocalSelf, ConnectionLost: false));
        }
    }

    private bool Accepts(KernelMessage message) => message switch
    {
        TimerFired fired => _timers is not null && _timers.Accepts(fired),
        WatchFired ended => _watches is not null && _watches.Delivers(ended.Terminated.Actor),
        _ => throw new InvalidOperationException($"{message.GetType().Name} is not known to the kernel"),
    };
}
