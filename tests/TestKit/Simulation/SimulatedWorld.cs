using Replication.Actors;

namespace Replication.TestKit.Simulation;

/// <summary>
/// One deterministic world: nodes with their actor systems, virtual time and randomness, all decided by one
/// seed and run on the thread that calls it. Simulated networks, disks and stores join it by
/// <see cref="After"/>, <see cref="Random"/> and <see cref="SimulatedNode.OnCrash"/>.
/// </summary>
public sealed class SimulatedWorld
{
    /// <summary>
    /// Steps that one call may take unless told otherwise: a livelock fails instead of hanging.
    /// </summary>
    public const int StepsMaxDefault = 2_000_000;

    private readonly Dictionary<string, SimulatedNode> _nodes = new(StringComparer.Ordinal);
    private readonly RunQueue _queue = new();
    private readonly TimerQueue _timers;
    private readonly SeededIdSource _order;
    private bool _pumping;

    /// <param name="seed">Decides everything.</param>
    /// <param name="keepsText">True: <see cref="SimulationTrace.Lines"/> holds every step.</param>
    public SimulatedWorld(ulong seed, bool keepsText = false)
    {
        Seed = seed;
        _order = Random("order");
        _timers = new TimerQueue(Random("timers"));
        Trace = new SimulationTrace(_timers, keepsText);
        Time = new VirtualTime(_timers, node: null);
    }

    /// <summary>What this world came from.</summary>
    public ulong Seed { get; }

    /// <summary>What happened so far.</summary>
    public SimulationTrace Trace { get; }

    /// <summary>The time of the world itself, apart from its nodes' crashes and pauses.</summary>
    public VirtualTime Time { get; }

    /// <summary>Virtual time since the world began.</summary>
    public TimeSpan Elapsed => Time.Elapsed;

    /// <summary>Work items run and timers fired so far.</summary>
    public long StepCount { get; private set; }

    /// <summary>A stream for one purpose: asked for twice, it starts over.</summary>
    public SeededIdSource Random(string purpose) => new(Seed, purpose);

    /// <summary>Starts a node, or the next life of one that crashed or whose system has ended.</summary>
    public SimulatedNode StartNode(string name)
    {
        int life = 1;
        if (_nodes.TryGetValue(name, out SimulatedNode? before))
        {
            if (!before.IsCrashed && !before.System.WhenTerminated.IsCompleted)
            {
                throw new InvalidOperationException($"{name} is running: crash or terminate it first");
            }

            before.Crash();
            life = before.Life + 1;
        }

        SimulatedNode node = new(this, _queue, _timers, name, life);
        _nodes[name] = node;
        return node;
    }

    /// <summary>Starts a node and returns its actor system.</summary>
    public ActorSystem CreateSystem(string name) => StartNode(name).System;

    /// <summary>The newest life of a node.</summary>
    public SimulatedNode Node(string name) => _nodes[name];

    /// <summary>
    /// Runs <paramref name="action"/> once that virtual time has passed; disposing the result takes it back.
    /// </summary>
    public IDisposable After(TimeSpan delay, Action action) =>
        Time.CreateTimer(static state => ((Action)state!)(), action, delay, Timeout.InfiniteTimeSpan);

    /// <summary>Runs all that can run without time going on.</summary>
    public void RunUntilIdle(int stepsMax = StepsMaxDefault) =>
        Pump(static () => false, TimeSpan.Zero, stepsMax, "everything is idle");

    /// <summary>
    /// Runs everything of the next <paramref name="span"/> of virtual time, which then has passed.
    /// </summary>
    public void RunFor(TimeSpan span, int stepsMax = StepsMaxDefault) =>
        Pump(static () => false, span, stepsMax, "that time has passed");

    /// <summary>
    /// Runs until <paramref name="condition"/> holds, looking after each step; false when it did not within
    /// <paramref name="limit"/> of virtual time, which then has passed.
    /// </summary>
    public bool TryRunUntil(Func<bool> condition, TimeSpan limit, int stepsMax = StepsMaxDefault) =>
        Pump(condition, limit, stepsMax, "a condition holds");

    /// <summary>The same, failing with the seed when the condition does not come to hold.</summary>
    /// <exception cref="SimulationFailedException">The limit of time or of steps is reached, or something
    /// escaped.</exception>
    public void RunUntil(Func<bool> condition, TimeSpan limit, string what, int stepsMax = StepsMaxDefault)
    {
        if (!Pump(condition, limit, stepsMax, what))
        {
            throw Failure(
                $"did not come to pass within {limit.TotalMilliseconds:F0} ms of virtual time: {what}");
        }
    }

    /// <summary>An exception that names the seed, the step and the time, and shows the last steps.</summary>
    public SimulationFailedException Failure(string what, Exception? cause = null) => new(
        $"seed {Seed}, step {StepCount}, at {Elapsed.TotalMilliseconds:F3} ms: {what}\n"
        + $"last steps:\n{Trace.LastLines()}",
        cause);

    private bool Pump(Func<bool> condition, TimeSpan limit, int stepsMax, string what)
    {
        if (_pumping)
        {
            throw new InvalidOperationException(
                "the world is already running: an actor or event may not run it");
        }

        long horizon = _timers.NowTicks + limit.Ticks;
        int left = stepsMax;
        _pumping = true;
        _queue.EnterPump();
        try
        {
            while (!condition())
            {
                if (!Step(horizon))
                {
                    _timers.AdvanceTo(horizon);
                    return condition();
                }

                if (--left < 0)
                {
                    throw Failure($"took more than {stepsMax} steps until {what}");
                }
            }

            return true;
        }
        finally
        {
            _queue.LeavePump();
            _pumping = false;
        }
    }

    /// <summary>
    /// Runs one piece of work or fires one timer, picked by the seed; false when none is left up to then.
    /// </summary>
    private bool Step(long horizonTicks)
    {
        int ready = _queue.Count;
        long due = _timers.NextDueTicks;
        int choices = ready + (due <= _timers.NowTicks ? 1 : 0);
        if (choices == 0 && due > horizonTicks)
        {
            return false;
        }

        int choice = choices > 1 ? _order.NextInt(choices) : 0;
        StepCount++;
        try
        {
            if (choice < ready)
            {
                _queue.TakeAt(choice).Work.Execute();
            }
            else
            {
                _timers.AdvanceTo(due);
                _timers.Dequeue().Fire();
            }
        }
        catch (Exception cause) when (cause is not SimulationFailedException)
        {
            throw Failure($"{cause.GetType().Name} escaped: {cause.Message}", cause);
        }

        return _queue.Intrusion is null ? true : throw Failure(_queue.Intrusion);
    }
}
