using Replication.Coordinator.Requests;

namespace Replication.Coordinator.Volumes;

/// <summary>Why the record is changed, and who goes on with it.</summary>
/// <param name="Reason">Why children get other states, where no fault says it.</param>
/// <param name="Done">
/// Called once: true when the change stands and every Synced child has a copy (P4); false when it does not
/// stand or its outcome is unknown, or a Synced child has no copy and could not be recorded as out of sync.
/// </param>
internal sealed record RecordPurpose(string Reason, Action<bool> Done)
{
    /// <summary>What children did that are called out of sync by the change.</summary>
    internal IReadOnlyList<ChildFault> Faults { get; init; } = [];

    /// <summary>False before any child is open.</summary>
    internal bool IsCopied { get; init; } = true;

    /// <summary>Why this child gets another state.</summary>
    internal string ReasonFor(int childIndex) =>
        Faults.LastOrDefault(fault => fault.ChildIndex == childIndex)?.Reason ?? Reason;
}
