using System.Collections.Concurrent;
using Replication.Actors.Events;
using Replication.Actors.Logging;
using Replication.Actors.Mailboxes;
using Replication.Actors.Timing;

namespace Replication.Actors;

/// <summary>
/// A tree of actors with its seams, event stream and dead letters: one for each node. Users' actors are
/// children of <c>user</c>. All members may be called from any thread.
/// </summary>
public sealed class ActorSystem
{
    private readonly ConcurrentDictionary<long, LocalActorRef> _exposed = new();
    private readonly ConcurrentDictionary<string, LocalActorRef> _topLevel = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, LocalActorRef> _counted = new();
    private readonly TaskCompletionSource _terminated;
    private readonly LocalActorRef _root;
    private long _lastActorId;

    private ActorSystem(string name, ActorSystemOptions options)
    {
        Name = name;
        Options = options;
        Uid = options.Ids.NextUInt64();
        EventStream = new EventStream();
        Log = new Log(EventStream);
        DeadLetters = new DeadLetterRef(this);
        Scheduler = new Scheduler(options.Time);

        // Whoever waits goes on elsewhere: it may block, as no actor's thread may.
        _terminated = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _root = new LocalActorRef(this, parent: null, Props.Create(static () => new Guardian()), "user");
        _root.TellSystem(new CreateActor());
    }

    /// <summary>The node's name.</summary>
    public string Name { get; }

    /// <summary>
    /// A random number for this life of the node: another one tells a peer that it has restarted.
    /// </summary>
    public ulong Uid { get; }

    /// <summary>The seams.</summary>
    public ActorSystemOptions Options { get; }

    /// <summary>Publish and subscribe within this system.</summary>
    public EventStream EventStream { get; }

    /// <summary>The log of this system.</summary>
    public Log Log { get; }

    /// <summary>Where messages go that reach nobody: published as <see cref="DeadLetter"/>.</summary>
    public IActorRef DeadLetters { get; }

    /// <summary>Messages sent later.</summary>
    public Scheduler Scheduler { get; }

    /// <summary>Completes when every actor has ended after <see cref="Terminate"/>.</summary>
    public Task WhenTerminated => _terminated.Task;

    /// <summary>Starts a system.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="options">The seams; null for the real ones.</param>
    public static ActorSystem Create(string name, ActorSystemOptions? options = null) =>
        new(name, options ?? new ActorSystemOptions());

    /// <summary>Starts an actor under <c>user</c>; in a system that is stopping it ends at once.</summary>
    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    public IActorRef ActorOf(Props props, string? name = null)
    {
        ActorPath.CheckName(name);
        LocalActorRef child = new(this, _root.Cell, props, name);
        if (name is not null && !_topLevel.TryAdd(name, child))
        {
            throw new InvalidOperationException($"an actor named '{name}' exists already");
        }

        CountMailboxOf(child);
        _root.TellSystem(new AdoptChild(child.Cell));
        return child;
    }

    /// <summary>
    /// Stops an actor of this system after the message it is handling. Others than local ones: ignored.
    /// </summary>
    public void Stop(IActorRef actor)
    {
        if (actor is LocalActorRef local)
        {
            local.TellSystem(new StopActor());
        }
    }

    /// <summary>
    /// Stops every actor, children before parents; the task completes when the last one has ended.
    /// </summary>
    public Task Terminate()
    {
        _root.TellSystem(new StopActor());
        return WhenTerminated;
    }

    /// <summary>
    /// The live actor <c>user/NAME</c>, or null. Deeper actors are reached by the refs that they hand out.
    /// </summary>
    public IActorRef? Find(string name) =>
        _topLevel.TryGetValue(name, out LocalActorRef? found) ? found : null;

    /// <summary>
    /// How many messages wait now in the mailboxes that have a label, by label in ordinal order. Their actors
    /// are not asked: also one that hangs is seen.
    /// </summary>
    public IReadOnlyList<MailboxLength> MailboxLengths() =>
    [
        .. _counted.Values
            .GroupBy(static actor => actor.MailboxLabel!)
            .Select(static same => new MailboxLength(same.Key, same.Sum(static one => one.WaitingCount)))
            .OrderBy(static length => length.Label.Kind, StringComparer.Ordinal)
            .ThenBy(static length => length.Label.Name, StringComparer.Ordinal),
    ];

    internal long NextActorId() => Interlocked.Increment(ref _lastActorId);

    /// <summary>
    /// Tells whoever listens. A dead letter that itself reaches nobody, as with a listener that has ended or
    /// is full, is dropped: publishing it would make the next one, without end.
    /// </summary>
    internal void PublishDeadLetter(object message, IActorRef? sender, IActorRef recipient)
    {
        if (message is IUndeliverable undeliverable)
        {
            undeliverable.OnUndelivered();
        }
        else if (message is not DeadLetter && EventStream.HasSubscriber(typeof(DeadLetter)))
        {
            EventStream.Publish(new DeadLetter(message, sender ?? DeadLetters, recipient));
        }
    }

    /// <summary>From now on the actor can be found by its number, until it ends. Any thread.</summary>
    internal void Expose(LocalActorRef actor)
    {
        if (actor.IsExposed)
        {
            return;
        }

        _exposed.TryAdd(actor.Id, actor);
        actor.IsExposed = true;
        if (actor.Cell.IsTerminated)
        {
            // It ended before it was added, so that nobody else takes it out again.
            _exposed.TryRemove(actor.Id, out _);
        }
    }

    /// <summary>Until its end, the actor's mailbox is looked at if it has a label.</summary>
    internal void CountMailboxOf(LocalActorRef actor)
    {
        if (actor.MailboxLabel is not null)
        {
            _counted.TryAdd(actor.Id, actor);
        }
    }

    /// <summary>The life of an actor is over: it can no longer be found by number or name.</summary>
    internal void Forget(LocalActorRef actor)
    {
        _exposed.TryRemove(actor.Id, out _);
        if (actor.MailboxLabel is not null)
        {
            _counted.TryRemove(actor.Id, out _);
        }

        if (actor.Name is not null && ReferenceEquals(actor.Cell.ParentCell, _root.Cell))
        {
            _topLevel.TryRemove(new KeyValuePair<string, LocalActorRef>(actor.Name, actor));
        }
    }

    internal LocalActorRef? FindExposed(long id) =>
        _exposed.TryGetValue(id, out LocalActorRef? found) ? found : null;

    internal void RootTerminated() => _terminated.TrySetResult();
}
