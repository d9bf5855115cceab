using Replication.Model.State;
using Replication.Model.Steps;

namespace Replication.Model.Search;

/// <summary>
/// Breadth-first search of all states within the bounds, so that the first broken invariant has a shortest
/// way to it. A state is kept as 64 bits of its hash and its way as a parent and the ordinal of the step; the
/// way is told by walking it once more. Single-threaded; one instance per search.
/// </summary>
internal sealed class Explorer : IStepSink
{
    private readonly Rules _rules;
    private readonly Bounds _bounds;
    private readonly int _statesMax;
    private readonly StepMaker _maker;
    private readonly VisitedSet _visited = new();
    private readonly StateQueue _queue = new();
    private readonly List<int> _parents = [];
    private readonly List<ushort> _ordinals = [];
    private readonly long[] _taken = new long[Enum.GetValues<StepKind>().Length];
    private readonly Invariant _only;
    private int _parent;
    private ushort _ordinal;
    private Invariant _broken;

    /// <param name="only">When not None, only this invariant ends the search; other broken states are left
    /// out.</param>
    public Explorer(Rules rules, Bounds bounds, int statesMax, Invariant only = Invariant.None)
    {
        (_rules, _bounds, _statesMax, _only) = (rules, bounds, statesMax, only);
        _maker = new StepMaker(rules, bounds, this);
    }

    /// <summary>Searches until an invariant breaks, all is seen, or the limit of states is reached.</summary>
    public SearchResult Run()
    {
        var first = StepMaker.First(_bounds);
        CanonicalOrder.Apply(ref first, _bounds.Children, []);
        _parent = -1;
        Keep(ref first);
        for (var at = 0; _queue.Count > 0 && _broken == Invariant.None && _visited.Count < _statesMax; at++)
        {
            var world = _queue.Take();
            _parent = at;
            _ordinal = 0;
            _maker.Expand(world);
        }

        var last = _parents.Count - 1;
        var way = WayTo(last);
        var trace = _broken == Invariant.None ? [] : new TraceTeller(_rules, _bounds).Tell(way);
        var taken = Enum.GetValues<StepKind>().ToDictionary(kind => kind, kind => _taken[(int)kind]);
        var complete = _broken != Invariant.None || _queue.Count == 0;
        return new SearchResult(_broken, complete, _visited.Count, way.Count, trace, taken);
    }

    public void Take(ref World next, in Step step)
    {
        _ordinal++;
        if (_broken != Invariant.None)
        {
            return;
        }

        _taken[(int)step.Kind]++;
        _maker.Check(ref next);
        if (next.Broken != 0 && _only != Invariant.None && next.Broken != (byte)_only)
        {
            return;
        }

        CanonicalOrder.Apply(ref next, _bounds.Children, []);
        Keep(ref next);
    }

    private void Keep(ref World world)
    {
        if (!_visited.Add(StateHash.Of(ref world)))
        {
            return;
        }

        _parents.Add(_parent);
        _ordinals.Add(_ordinal);
        _queue.Add(ref world);
        _broken = (Invariant)world.Broken;
    }

    private List<ushort> WayTo(int state)
    {
        var way = new List<ushort>();
        for (var at = state; _parents[at] >= 0; at = _parents[at])
        {
            way.Add(_ordinals[at]);
        }

        way.Reverse();
        return way;
    }
}
