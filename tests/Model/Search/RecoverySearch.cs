using Replication.Model.State;
using Replication.Model.Steps;

namespace Replication.Model.Search;

/// <summary>
/// I8 in the model: from every state within the bounds the volume can become whole again by steps that are no
/// faults. All states and steps are kept as a graph, which is walked backwards from the states that are
/// whole; what it does not reach is stuck. For bounds of some million states. Single-threaded; one instance
/// per search.
/// </summary>
internal sealed class RecoverySearch : IStepSink
{
    private const int EdgesMax = 200_000_000;
    private readonly Rules _rules;
    private readonly Bounds _bounds;
    private readonly StepMaker _maker;
    private readonly Dictionary<ulong, int> _indexes = [];
    private readonly StateQueue _queue = new();
    private readonly List<(int From, ushort Ordinal)> _parents = [];
    private readonly List<bool> _whole = [];
    private readonly List<(int From, int To)> _edges = [];
    private int _from;
    private ushort _ordinal;
    private byte _outs;

    public RecoverySearch(Rules rules, Bounds bounds)
    {
        (_rules, _bounds) = (rules, bounds);
        _maker = new StepMaker(rules, bounds, this);
    }

    /// <summary>How many states there are.</summary>
    public int States => _parents.Count;

    /// <summary>The steps to the first state that is stuck; empty when every state can recover.</summary>
    public IReadOnlyList<string> Run()
    {
        var first = StepMaker.First(_bounds);
        CanonicalOrder.Apply(ref first, _bounds.Children, []);
        IndexOf(ref first, -1);
        for (var at = 0; _queue.Count > 0; at++)
        {
            var world = _queue.Take();
            (_from, _ordinal, _outs) = (at, 0, world.Outs);
            _maker.Expand(world);
        }

        var stuck = FirstStuck();
        return stuck < 0 ? [] : new TraceTeller(_rules, _bounds).Tell(WayTo(stuck));
    }

    public void Take(ref World next, in Step step)
    {
        _ordinal++;
        var isFault = next.Outs > _outs || step.Kind is StepKind.LosePower or StepKind.FailSync
            or StepKind.Rot or StepKind.StopOwner or StepKind.TimeOutIdle;
        CanonicalOrder.Apply(ref next, _bounds.Children, []);
        var to = IndexOf(ref next, _from);
        if (!isFault && to != _from)
        {
            _edges.Add((_from, to));
            if (_edges.Count > EdgesMax)
            {
                throw new InvalidOperationException($"more than {EdgesMax} steps; choose smaller bounds");
            }
        }
    }

    private int IndexOf(ref World world, int parent)
    {
        var hash = StateHash.Of(ref world);
        if (_indexes.TryGetValue(hash, out var index))
        {
            return index;
        }

        index = _parents.Count;
        _indexes.Add(hash, index);
        _parents.Add((parent, _ordinal));
        _whole.Add(IsWhole(world));
        _queue.Add(ref world);
        return index;
    }

    private bool IsWhole(in World w)
    {
        var synced = 0;
        for (var c = 0; c < _bounds.Children; c++)
        {
            ref readonly var child = ref w.Children[c];
            synced += child.Recorded == ChildState.Synced && child.Up == 1 && child.Continuous == 1 ? 1 : 0;
        }

        return Agree(w) && synced == _bounds.Children && w.Reader == 0
            && (IsIdle(w.Owners[0], w) || IsIdle(w.Owners[1], w));
    }

    private bool Agree(in World w)
    {
        var agree = true;
        for (var c = 1; c < _bounds.Children; c++)
        {
            ReadOnlySpan<byte> data = w.Children[c].Data;
            agree &= data.SequenceEqual(w.Children[0].Data);
        }

        return agree;
    }

    private static bool IsIdle(in Owner owner, in World w) =>
        owner.Phase == Phase.Settled && owner.Epoch == w.Epoch && owner.Reconcile == 0 && owner.Flushing == 0
            && owner.Op[0] == OpKind.None && owner.Op[1] == OpKind.None && owner.Change == Change.None;

    // Counting sort of the steps by where they lead, then backwards from all whole states at once.
    private int FirstStuck()
    {
        var starts = new int[States + 1];
        foreach (var (_, to) in _edges)
        {
            starts[to + 1]++;
        }

        for (var i = 0; i < States; i++)
        {
            starts[i + 1] += starts[i];
        }

        var next = starts.ToArray();
        var froms = new int[_edges.Count];
        foreach (var (from, to) in _edges)
        {
            froms[next[to]++] = from;
        }

        var recovers = _whole.ToArray();
        var waiting = new Stack<int>(Enumerable.Range(0, States).Where(i => recovers[i]));
        while (waiting.TryPop(out var state))
        {
            for (var i = starts[state]; i < starts[state + 1]; i++)
            {
                if (!recovers[froms[i]])
                {
                    recovers[froms[i]] = true;
                    waiting.Push(froms[i]);
                }
            }
        }

        return Array.IndexOf(recovers, false);
    }

    private List<ushort> WayTo(int state)
    {
        var way = new List<ushort>();
        for (var at = state; _parents[at].From >= 0; at = _parents[at].From)
        {
            way.Add(_parents[at].Ordinal);
        }

        way.Reverse();
        return way;
    }
}
