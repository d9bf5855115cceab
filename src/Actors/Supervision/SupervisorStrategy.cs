namespace Replication.Actors.Supervision;

/// <summary>
/// How failures of children are judged. Immutable but for the count of failures kept with each child; a child
/// that failed more than <see cref="RetriesMax"/> times within <see cref="Window"/> is stopped instead of
/// restarted.
/// </summary>
public sealed class SupervisorStrategy
{
    private readonly Func<Exception, Directive> _decide;

    private SupervisorStrategy(Func<Exception, Directive> decide, bool appliesToAll)
    {
        _decide = decide;
        AppliesToAll = appliesToAll;
    }

    /// <summary>
    /// Restarts the failed child without limit, after a delay of 1 ms to 100 ms: one that fails as soon as it
    /// starts must not keep a processor busy.
    /// </summary>
    public static SupervisorStrategy Default { get; } = OneForOne(static _ => Directive.Restart)
        .WithBackoff(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(100));

    /// <summary>Stops the failed child.</summary>
    public static SupervisorStrategy Stopping { get; } = OneForOne(static _ => Directive.Stop);

    /// <summary>
    /// Restarts allowed within the window before a child is stopped; negative means no limit.
    /// </summary>
    public int RetriesMax { get; private init; } = -1;

    /// <summary>The span over which failures are counted; zero means all of the child's life.</summary>
    public TimeSpan Window { get; private init; }

    /// <summary>
    /// Delay before the first restart; doubles with each failure in a row. Zero restarts at once.
    /// </summary>
    public TimeSpan BackoffMin { get; private init; }

    /// <summary>
    /// The longest delay before a restart; a child that ran this long starts from BackoffMin again.
    /// </summary>
    public TimeSpan BackoffMax { get; private init; }

    /// <summary>True when the verdict on one child is carried out on all of them.</summary>
    public bool AppliesToAll { get; }

    /// <summary>A strategy that treats only the child that failed.</summary>
    public static SupervisorStrategy OneForOne(Func<Exception, Directive> decide) =>
        new(decide, appliesToAll: false);

    /// <summary>A strategy that treats all children alike when one fails.</summary>
    public static SupervisorStrategy AllForOne(Func<Exception, Directive> decide) =>
        new(decide, appliesToAll: true);

    /// <summary>The same, stopping a child that fails more often than that.</summary>
    public SupervisorStrategy WithLimit(int retriesMax, TimeSpan window) => new(_decide, AppliesToAll)
    {
        RetriesMax = retriesMax,
        Window = window,
        BackoffMin = BackoffMin,
        BackoffMax = BackoffMax,
    };

    /// <summary>
    /// The same, waiting before each restart, from <paramref name="min"/> doubling up to
    /// <paramref name="max"/>.
    /// </summary>
    public SupervisorStrategy WithBackoff(TimeSpan min, TimeSpan max) => new(_decide, AppliesToAll)
    {
        RetriesMax = RetriesMax,
        Window = Window,
        BackoffMin = min,
        BackoffMax = max,
    };

    internal Verdict Judge(ActorCell child, Exception cause, TimeProvider time)
    {
        Directive directive = _decide(cause);
        if (directive != Directive.Restart)
        {
            return new Verdict(directive, TimeSpan.Zero);
        }

        FailureHistory history = child.Failures;
        int failures = history.Count(time.GetTimestamp(), time, Window);
        if (RetriesMax >= 0 && failures > RetriesMax)
        {
            return new Verdict(Directive.Stop, TimeSpan.Zero);
        }

        return new Verdict(Directive.Restart, history.NextBackoff(time, BackoffMin, BackoffMax));
    }
}

/// <summary>What is done about one failure, and after which delay.</summary>
internal readonly record struct Verdict(Directive Directive, TimeSpan Delay);
