using Replication.Actors;

namespace Replication.TestKit;

/// <summary>What one expectation on a system's event stream looks for.</summary>
public sealed class EventFilter
{
    private readonly TestKitBase _kit;
    private readonly ActorSystem _system;
    private readonly Type _type;
    private readonly Predicate<object> _fits;
    private readonly string _what;

    internal EventFilter(TestKitBase kit, ActorSystem system, Type type, Predicate<object> fits, string what)
    {
        _kit = kit;
        _system = system;
        _type = type;
        _fits = fits;
        _what = what;
    }

    /// <summary>
    /// Exactly one must be published from <paramref name="action"/> on, within the timeout.
    /// </summary>
    public void ExpectOne(Action action, TimeSpan? timeout = null) => Expect(1, action, timeout);

    /// <summary>Exactly that many; what comes up in the same instant as the last one counts too.</summary>
    public void Expect(int count, Action action, TimeSpan? timeout = null)
    {
        Listener listener = new(_fits);
        _system.EventStream.Subscribe(listener, _type);
        TimeSpan limit = _kit.Limit(timeout);
        try
        {
            action();
            _kit.World.TryRunUntil(() => listener.Seen.Count >= count, limit);
            _kit.World.RunUntilIdle();
        }
        finally
        {
            _system.EventStream.Unsubscribe(listener);
        }

        Check(listener, count, limit);
    }

    /// <summary>None may be published in that span of virtual time.</summary>
    public void ExpectNone(Action action, TimeSpan? span = null)
    {
        Listener listener = new(_fits);
        _system.EventStream.Subscribe(listener, _type);
        TimeSpan limit = _kit.Limit(span ?? TestKitBase.NoMessageSpan);
        try
        {
            action();
            _kit.World.RunFor(limit);
        }
        finally
        {
            _system.EventStream.Unsubscribe(listener);
        }

        Check(listener, count: 0, limit);
    }

    private void Check(Listener listener, int count, TimeSpan limit)
    {
        if (listener.Seen.Count != count)
        {
            IEnumerable<string> others = listener.Others.Select(static other => $"{other}");
            throw _kit.World.Failure(
                $"expected {_what} {count} times within {limit.TotalMilliseconds:F0} ms, but saw it "
                + $"{listener.Seen.Count} times; others of its type: {string.Join("; ", others)}");
        }
    }

    private sealed class Listener(Predicate<object> fits) : CallbackRef
    {
        internal List<object> Seen { get; } = [];

        internal List<object> Others { get; } = [];

        protected override void OnMessage(object message, IActorRef? sender) =>
            (fits(message) ? Seen : Others).Add(message);
    }
}
