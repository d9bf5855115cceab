using Replication.Actors.Mailboxes;
using Replication.Actors.Supervision;
using Replication.Actors.Timing;
using Replication.Actors.Watch;

namespace Replication.Actors;

/// <summary>
/// One actor's place in the system through all its lives: instance, behaviour, children, watches. All members but
/// the few marked otherwise run on whichever thread runs the mailbox. Lifecycle lives in <see cref="CellLifecycle"/>.
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

    internal object CurrentMessage => _message ?? throw new InvalidOperationException("no message is being handled");

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

        LocalActorRef child = new(System, this, props, name);
        Children.Add(child.Cell);
        child.TellSystem(new CreateActor());
        return child;
    }

    public IActorRef? Child(string name) => Children.Find(name)?.LocalSelf;

    public void Stop(IActorRef actor) => System.Stop(actor);

    public void StopChildren()
    {
        foreach (ActorCell child in Children.Snapshot())
        {
            child.LocalSelf.TellSystem(new StopActor());
        }
    }

    public void Watch(IActorRef actor)
    {
        if (!ReferenceEquals(actor, LocalSelf) && (_watches ??= new WatchSet()).TryAddWatched(actor))
        {
            ((InternalActorRef)actor).TellSystem(new AddWatcher(LocalSelf));
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
        System.Options.Observer?.OnMessage(System, LocalSelf, message is TimerFired timer ? timer.Message : message);
        try
        {
            if (message is TimerFired fired)
            {
                if (_timers is null || !_timers.Accepts(fired))
                {
                    return;
                }

                _message = message = fired.Message;
            }
            else if (message is Terminated terminated && _watches?.Delivers(terminated.Actor) != true)
            {
                return;
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
                    LocalSelf.Tell(new Terminated(ended.Actor, ended.ConnectionLost), ended.Actor);
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
    internal void ToDeadLetters(object message, IActorRef? sender) =>
        System.PublishDeadLetter(message, sender, LocalSelf);

    internal void MakeInstance()
    {
        Actor instance = _props.Factory();
        instance.Attach(this);
        Instance = instance;
        _behaviours = null;
        _receive = instance.Receive;
    }

    internal void EndThisLife()
    {
        _timers?.CancelAll();
        _stash?.UnstashAll();
    }

    /// <summary>The last step: watchers and parent hear of it, and what still waits goes to the dead letters.</summary>
    internal void Terminate()
    {
        LocalSelf.DrainToDeadLetters();
        _watches?.EndAll(LocalSelf);
        System.Forget(LocalSelf);
        if (ParentCell is null)
        {
            System.RootTerminated();
        }
        else
        {
            ParentCell.LocalSelf.TellSystem(new ChildEnded(this));
        }
    }
}
