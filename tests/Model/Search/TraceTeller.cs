using Replication.Model.State;
using Replication.Model.Steps;

namespace Replication.Model.Search;

/// <summary>
/// Walks one way once more and tells each step as a sentence, with names that stay with the children.
/// </summary>
internal sealed class TraceTeller : IStepSink
{
    private readonly Bounds _bounds;
    private readonly StepMaker _maker;
    private int _wanted;
    private World _next;
    private Step _step;

    public TraceTeller(Rules rules, Bounds bounds)
    {
        _bounds = bounds;
        _maker = new StepMaker(rules, bounds, this);
    }

    /// <summary>The sentences of a way given by the ordinals of its steps, each counted from 1.</summary>
    public IReadOnlyList<string> Tell(IReadOnlyList<ushort> way)
    {
        var told = new List<string>();
        int[] names = [1, 2, 3, 4];
        var world = StepMaker.First(_bounds);
        CanonicalOrder.Apply(ref world, _bounds.Children, []);
        foreach (var ordinal in way)
        {
            _wanted = ordinal;
            _maker.Expand(world);
            _maker.Check(ref _next);
            told.Add(StepText.Of(_step, _next, names));
            CanonicalOrder.Apply(ref _next, _bounds.Children, names);
            world = _next;
        }

        return told;
    }

    public void Take(ref World next, in Step step)
    {
        if (--_wanted == 0)
        {
            (_next, _step) = (next, step);
        }
    }
}
