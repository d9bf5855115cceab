using Replication.Actors;

namespace Replication.TestKit.Simulation;

/// <summary>
/// One life of a node in a world: its actor system, and what a test does to it as a whole. A node that
/// crashed never runs again; starting the same name in the world gives its next life.
/// </summary>
public sealed class SimulatedNode
{
    private readonly SimulatedWorld _world;
    private readonly List<Action> _onCrash = [];
    private readonly List<IThreadPoolWorkItem> _heldWork = [];
    private readonly List<VirtualTimer> _heldTimers = [];
    private readonly RunQueue _queue;

    internal SimulatedNode(SimulatedWorld world, RunQueue queue, TimerQueue timers, string name, int life)
    {
        _world = world;
        _queue = queue;
        Name = name;
        Life = life;
        Time = new VirtualTime(timers, this);
        Ids = world.Random($"ids of {name}, life {life}");
        System = ActorSystem.Create(name, new ActorSystemOptions
        {
            Dispatcher = new SeededDispatcher(queue, this),
            Time = Time,
            Ids = Ids,
            Observer = world.Trace,
        });
    }

    /// <summary>The node's name, the same in all its lives.</summary>
    public string Name { get; }

    /// <summary>1 for the first life under this name.</summary>
    public int Life { get; }

    /// <summary>The node's actor system.</summary>
    public ActorSystem System { get; }

    /// <summary>The world's time; timers made here die with the node and wait while it is paused.</summary>
    public VirtualTime Time { get; }

    /// <summary>This life's own stream.</summary>
    public SeededIdSource Ids { get; }

    /// <summary>True after <see cref="Crash"/>.</summary>
    public bool IsCrashed { get; private set; }

    /// <summary>True between <see cref="Pause"/> and <see cref="Resume"/>.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>
    /// Virtual time that passes before anything scheduled on this node runs: a slow host. Zero at first.
    /// </summary>
    public TimeSpan Lag { get; set; }

    /// <summary>
    /// Stops the node between two messages, as a suspended process: nothing is lost, and time goes on.
    /// </summary>
    public void Pause()
    {
        if (!IsCrashed && !IsPaused)
        {
            IsPaused = true;
            _world.Trace.Mark(Name, "paused");
            _queue.RemoveOf(this, _heldWork.Add);
        }
    }

    /// <summary>Lets a paused node go on; timers that came due meanwhile fire now.</summary>
    public void Resume()
    {
        if (!IsPaused || IsCrashed)
        {
            return;
        }

        IsPaused = false;
        _world.Trace.Mark(Name, "resumed");
        foreach (IThreadPoolWorkItem work in _heldWork)
        {
            _queue.Add(this, work);
        }

        VirtualTimer[] due = [.. _heldTimers];
        _heldWork.Clear();
        _heldTimers.Clear();
        foreach (VirtualTimer timer in due)
        {
            timer.FireLate();
        }
    }

    /// <summary>
    /// Kills the process: nothing of this life runs again, no hook is called, and connections are lost.
    /// </summary>
    public void Crash()
    {
        if (IsCrashed)
        {
            return;
        }

        IsCrashed = true;
        _world.Trace.Mark(Name, "crashed");
        _queue.RemoveOf(this, keep: null);
        _heldWork.Clear();
        _heldTimers.Clear();
        foreach (Action action in _onCrash)
        {
            action();
        }

        _onCrash.Clear();
    }

    /// <summary>
    /// Runs when the node crashes, in the order of registration: what its network and disks lose by it.
    /// </summary>
    public void OnCrash(Action action) => _onCrash.Add(action);

    internal void Admit(IThreadPoolWorkItem work, RunQueue queue)
    {
        if (IsCrashed)
        {
            return;
        }

        if (Lag > TimeSpan.Zero)
        {
            Time.CreateTimer(_ => AdmitNow(work, queue), state: null, Lag, Timeout.InfiniteTimeSpan);
            return;
        }

        AdmitNow(work, queue);
    }

    internal void Hold(VirtualTimer timer) => _heldTimers.Add(timer);

    private void AdmitNow(IThreadPoolWorkItem work, RunQueue queue)
    {
        if (IsPaused)
        {
            _heldWork.Add(work);
        }
        else
        {
            queue.Add(this, work);
        }
    }
}
