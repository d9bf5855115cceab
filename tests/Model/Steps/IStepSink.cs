using Replication.Model.State;

namespace Replication.Model.Steps;

/// <summary>
/// Takes the states that follow from one state, in an order that depends on that state alone.
/// </summary>
internal interface IStepSink
{
    /// <summary>Takes one; the callee may change <paramref name="next"/>.</summary>
    void Take(ref World next, in Step step);
}
