using Replication.Actors;
using Replication.Actors.Watch;

namespace Replication.TestKit;

/// <summary>
/// An actor that a test plays by hand. Each expectation runs the world, virtual time included, until what is
/// expected arrives or its timeout of virtual time has passed; then it fails and says what arrived instead.
/// </summary>
public sealed class TestProbe
{
    private readonly TestKitBase _kit;
    private readonly Queue<(object Message, IActorRef Sender)> _arrived = new();
    private Action<object, IActorRef>? _autoPilot;

    internal TestProbe(TestKitBase kit, ActorSystem system, string name)
    {
        _kit = kit;
        Ref = system.ActorOf(Props.Create(() => new ProbeActor(this)), name);
    }

    /// <summary>The probe as others see it.</summary>
    public IActorRef Ref { get; }

    /// <summary>Who sent the message that was last expected or received.</summary>
    public IActorRef LastSender { get; private set; } = null!;

    /// <summary>The message that was last expected or received.</summary>
    public object LastMessage { get; private set; } = null!;

    /// <summary>Messages that arrived and were not yet expected or received.</summary>
    public int WaitingCount => _arrived.Count;

    /// <summary>Sends in the probe's name.</summary>
    public void Send(IActorRef target, object message) => target.Tell(message, Ref);

    /// <summary>Answers the message that was last expected or received.</summary>
    public void Reply(object message) => LastSender.Tell(message, Ref);

    /// <summary>Sends the last message on with its original sender.</summary>
    public void Forward(IActorRef target) => target.Tell(LastMessage, LastSender);

    /// <summary>From now on <paramref name="actor"/>'s end arrives here as Terminated.</summary>
    public void Watch(IActorRef actor) => Ref.Tell(new ProbeActor.WatchCommand(actor));

    /// <summary>Takes a watch back.</summary>
    public void Unwatch(IActorRef actor) => Ref.Tell(new ProbeActor.UnwatchCommand(actor));

    /// <summary>
    /// Runs on each arriving message and its sender, within the run, before it waits to be expected: a
    /// stand-in that answers by itself. Null ends that.
    /// </summary>
    public void SetAutoPilot(Action<object, IActorRef>? autoPilot) => _autoPilot = autoPilot;

    /// <summary>The next message must be a <typeparamref name="T"/> that fits.</summary>
    public T ExpectMsg<T>(Predicate<T>? fits = null, TimeSpan? timeout = null)
    {
        TimeSpan limit = _kit.Limit(timeout);
        if (!TryReceive(limit))
        {
            throw Failure($"no {typeof(T).Name} arrived within {limit.TotalMilliseconds:F0} ms");
        }

        if (LastMessage is not T message)
        {
            throw Failure($"expected a {typeof(T).Name}, but {Describe(LastMessage)} arrived");
        }

        if (fits?.Invoke(message) == false)
        {
            throw Failure($"a {typeof(T).Name} arrived that does not fit: {message}");
        }

        return message;
    }

    /// <summary>The next message must equal <paramref name="expected"/>.</summary>
    public T ExpectMsg<T>(T expected, TimeSpan? timeout = null)
    {
        TimeSpan limit = _kit.Limit(timeout);
        if (!TryReceive(limit))
        {
            throw Failure($"{Describe(expected!)} did not arrive within {limit.TotalMilliseconds:F0} ms");
        }

        return LastMessage is T message && EqualityComparer<T>.Default.Equals(message, expected)
            ? message
            : throw Failure($"expected {Describe(expected!)}, but {Describe(LastMessage)} arrived");
    }

    /// <summary>Nothing may arrive for that long.</summary>
    public void ExpectNoMsg(TimeSpan? span = null)
    {
        TimeSpan limit = _kit.Limit(span ?? TestKitBase.NoMessageSpan);
        if (TryReceive(limit))
        {
            throw Failure(
                $"expected nothing for {limit.TotalMilliseconds:F0} ms, but {Describe(LastMessage)} arrived");
        }
    }

    /// <summary>Skips messages until a <typeparamref name="T"/> fits, all within the timeout.</summary>
    public T FishForMessage<T>(Predicate<T>? fits = null, TimeSpan? timeout = null)
    {
        TimeSpan limit = _kit.Limit(timeout);
        TimeSpan deadline = _kit.World.Elapsed + limit;
        List<string> skipped = [];
        while (TryReceive(deadline - _kit.World.Elapsed))
        {
            if (LastMessage is T message && fits?.Invoke(message) != false)
            {
                return message;
            }

            skipped.Add(Describe(LastMessage));
        }

        throw Failure($"no {typeof(T).Name} that fits arrived within {limit.TotalMilliseconds:F0} ms, but "
            + (skipped.Count == 0 ? "nothing at all" : string.Join("; ", skipped)));
    }

    /// <summary>The next message, whatever it is; null when none arrives in time.</summary>
    public object? ReceiveOne(TimeSpan? timeout = null) =>
        TryReceive(_kit.Limit(timeout)) ? LastMessage : null;

    /// <summary>The next <paramref name="count"/> messages, all within the timeout.</summary>
    public IReadOnlyList<object> ReceiveN(int count, TimeSpan? timeout = null)
    {
        TimeSpan limit = _kit.Limit(timeout);
        TimeSpan deadline = _kit.World.Elapsed + limit;
        List<object> received = [];
        while (received.Count < count)
        {
            if (!TryReceive(deadline - _kit.World.Elapsed))
            {
                throw Failure($"expected {count} messages within {limit.TotalMilliseconds:F0} ms, but only "
                    + $"{received.Count} arrived: {string.Join("; ", received.Select(Describe))}");
            }

            received.Add(LastMessage);
        }

        return received;
    }

    /// <summary>
    /// The next message must be the Terminated of <paramref name="actor"/>, which is being watched.
    /// </summary>
    public Terminated ExpectTerminated(IActorRef actor, TimeSpan? timeout = null)
    {
        Terminated terminated = ExpectMsg<Terminated>(timeout: timeout);
        return terminated.Actor.Equals(actor)
            ? terminated
            : throw Failure($"expected the end of {actor.Path}, but {terminated.Actor.Path} ended");
    }

    internal void Take(object message, IActorRef sender)
    {
        _autoPilot?.Invoke(message, sender);
        _arrived.Enqueue((message, sender));
    }

    private static string Describe(object message) => $"{message.GetType().Name}: {message}";

    private bool TryReceive(TimeSpan limit)
    {
        if (limit < TimeSpan.Zero || !_kit.World.TryRunUntil(() => _arrived.Count > 0, limit))
        {
            return false;
        }

        (LastMessage, LastSender) = _arrived.Dequeue();
        return true;
    }

    private Exception Failure(string what)
    {
        IEnumerable<string> first = _arrived.Take(10).Select(static entry => Describe(entry.Message));
        string waiting = _arrived.Count == 0 ? string.Empty : $"\nstill waiting: {string.Join("; ", first)}";
        return _kit.World.Failure($"{Ref.Path}: {what}{waiting}");
    }
}
