using System.Globalization;
using Replication.Actors;
using Replication.Actors.Watch;
using Replication.TestKit.Simulation;

namespace Replication.TestKit;

/// <summary>
/// What a spec of actors derives from: one world with one system, virtual time, and a first probe whose
/// expectations can be called on the spec itself. Nothing sleeps: expectations run the world. The seed is 1,
/// or the constructor's, or that of the environment variable REPLICATION_SEED, which replays a failure.
/// </summary>
public abstract class TestKitBase
{
    /// <summary>How long expectations wait unless told otherwise, in virtual time.</summary>
    public static readonly TimeSpan TimeoutDefault = TimeSpan.FromSeconds(3);

    /// <summary>How long ExpectNoMsg listens unless told otherwise, in virtual time.</summary>
    public static readonly TimeSpan NoMessageSpan = TimeSpan.FromSeconds(1);

    private readonly Lazy<TestProbe> _probe;
    private TimeSpan? _deadline;
    private int _lastProbe;

    protected TestKitBase(ulong seed = 1, string systemName = "test")
    {
        string? given = Environment.GetEnvironmentVariable("REPLICATION_SEED");
        World = new SimulatedWorld(given is null ? seed : ulong.Parse(given, CultureInfo.InvariantCulture));
        Sys = World.CreateSystem(systemName);
        EventFilter = new EventFilterFactory(this);
        _probe = new Lazy<TestProbe>(() => CreateTestProbe());
    }

    /// <summary>The world that expectations run.</summary>
    public SimulatedWorld World { get; }

    /// <summary>The system under test.</summary>
    public ActorSystem Sys { get; }

    /// <summary>Expectations on the log, dead letters and unhandled messages.</summary>
    public EventFilterFactory EventFilter { get; }

    /// <summary>The first probe, on which this class's own expectations are.</summary>
    public TestProbe Probe => _probe.Value;

    /// <summary>The ref of the first probe.</summary>
    public IActorRef TestActor => Probe.Ref;

    /// <summary>Another probe, on <see cref="Sys"/> unless another system of the world is given.</summary>
    public TestProbe CreateTestProbe(string? name = null, ActorSystem? system = null) =>
        new(this, system ?? Sys, name ?? $"probe-{++_lastProbe}");

    /// <inheritdoc cref="TestProbe.ExpectMsg{T}(Predicate{T}, TimeSpan?)"/>
    public T ExpectMsg<T>(Predicate<T>? fits = null, TimeSpan? timeout = null) =>
        Probe.ExpectMsg(fits, timeout);

    /// <inheritdoc cref="TestProbe.ExpectMsg{T}(T, TimeSpan?)"/>
    public T ExpectMsg<T>(T expected, TimeSpan? timeout = null) => Probe.ExpectMsg(expected, timeout);

    /// <inheritdoc cref="TestProbe.ExpectNoMsg"/>
    public void ExpectNoMsg(TimeSpan? span = null) => Probe.ExpectNoMsg(span);

    /// <inheritdoc cref="TestProbe.FishForMessage"/>
    public T FishForMessage<T>(Predicate<T>? fits = null, TimeSpan? timeout = null) =>
        Probe.FishForMessage(fits, timeout);

    /// <inheritdoc cref="TestProbe.ReceiveOne"/>
    public object? ReceiveOne(TimeSpan? timeout = null) => Probe.ReceiveOne(timeout);

    /// <inheritdoc cref="TestProbe.ReceiveN"/>
    public IReadOnlyList<object> ReceiveN(int count, TimeSpan? timeout = null) =>
        Probe.ReceiveN(count, timeout);

    /// <inheritdoc cref="TestProbe.Watch"/>
    public void Watch(IActorRef actor) => Probe.Watch(actor);

    /// <inheritdoc cref="TestProbe.Unwatch"/>
    public void Unwatch(IActorRef actor) => Probe.Unwatch(actor);

    /// <inheritdoc cref="TestProbe.ExpectTerminated"/>
    public Terminated ExpectTerminated(IActorRef actor, TimeSpan? timeout = null) =>
        Probe.ExpectTerminated(actor, timeout);

    /// <summary>Lets that much virtual time pass, with everything that happens in it.</summary>
    public void Advance(TimeSpan span) => World.RunFor(span);

    /// <summary>Runs everything that can run without time going on.</summary>
    public void Settle() => World.RunUntilIdle();

    /// <summary>Runs the world until the condition holds.</summary>
    public void AwaitCondition(
        Func<bool> condition, TimeSpan? timeout = null, string what = "a condition holds") =>
        World.RunUntil(condition, Limit(timeout), what);

    /// <summary>Runs the world until the assertion no longer throws; its last failure is the cause.</summary>
    public void AwaitAssert(Action assertion, TimeSpan? timeout = null)
    {
        TimeSpan limit = Limit(timeout);
        Exception? last = null;
        if (!World.TryRunUntil(Holds, limit))
        {
            throw World.Failure(
                $"an assertion still fails after {limit.TotalMilliseconds:F0} ms: {last!.Message}", last);
        }

        bool Holds()
        {
            try
            {
                assertion();
                return true;
            }
#pragma warning disable CA1031 // Any failure means: not yet. The last one is reported.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                last = failure;
                return false;
            }
        }
    }

    /// <summary>
    /// Runs the world until an Ask or another task is done, and returns or throws what came of it.
    /// </summary>
    public T Await<T>(Task<T> task, TimeSpan? timeout = null)
    {
        World.RunUntil(() => task.IsCompleted, Limit(timeout), $"a task gives its {typeof(T).Name}");
        return task.GetAwaiter().GetResult();
    }

    /// <summary>
    /// All of <paramref name="block"/> must take no longer than that: its expectations get what is left.
    /// </summary>
    public void Within(TimeSpan max, Action block) => Within(TimeSpan.Zero, max, block);

    /// <summary>
    /// All of <paramref name="block"/> must take at least <paramref name="min"/> and at most max.
    /// </summary>
    public void Within(TimeSpan min, TimeSpan max, Action block)
    {
        TimeSpan start = World.Elapsed;
        TimeSpan? outer = _deadline;
        _deadline = outer is { } known && known < start + max ? known : start + max;
        try
        {
            block();
        }
        finally
        {
            _deadline = outer;
        }

        TimeSpan took = World.Elapsed - start;
        if (took < min || took > max)
        {
            throw World.Failure($"a block took {took.TotalMilliseconds:F0} ms of virtual time, not "
                + $"{min.TotalMilliseconds:F0} to {max.TotalMilliseconds:F0} ms");
        }
    }

    /// <summary>Stops the system and waits until every actor has ended.</summary>
    public void Shutdown(TimeSpan? timeout = null)
    {
        Task ended = Sys.Terminate();
        World.RunUntil(() => ended.IsCompleted, Limit(timeout), "every actor has ended");
    }

    /// <summary>
    /// The timeout of an expectation: the one given or the default, cut by the Within around it.
    /// </summary>
    internal TimeSpan Limit(TimeSpan? timeout)
    {
        TimeSpan limit = timeout ?? TimeoutDefault;
        return _deadline is { } deadline && deadline - World.Elapsed < limit
            ? TimeSpan.FromTicks(Math.Max(0, (deadline - World.Elapsed).Ticks))
            : limit;
    }
}
