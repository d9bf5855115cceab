using Replication.Model.Steps;

namespace Replication.Model.Search;

/// <summary>How a search ended.</summary>
/// <param name="Broken">The invariant that was found broken; None when every state within the bounds holds
/// all.</param>
/// <param name="Complete">False when the search stopped at its limit of states before it had looked at
/// all.</param>
/// <param name="States">States that differ by more than the children's names.</param>
/// <param name="Depth">The number of steps to the last state found.</param>
/// <param name="Trace">The sentences of a shortest way to the broken invariant; empty without one.</param>
/// <param name="Taken">How often each kind of step was taken.</param>
internal sealed record SearchResult(
    Invariant Broken,
    bool Complete,
    int States,
    int Depth,
    IReadOnlyList<string> Trace,
    IReadOnlyDictionary<StepKind, long> Taken);
