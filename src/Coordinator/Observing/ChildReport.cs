namespace Replication.Coordinator.Observing;

/// <summary>What was wrong with one child during one request.</summary>
/// <param name="Index">N of <c>children.N</c>.</param>
/// <param name="NodeName">The replica's node-name, by default <c>VOLUME-NODE</c>.</param>
/// <param name="VotesLost">Its bytes were outvoted: blocks where a vote per block was held, else 1.</param>
/// <param name="Repairs">Ranges that were rewritten with the winner's bytes (P19).</param>
/// <param name="Errors">Requests that it failed or did not answer in time.</param>
/// <param name="RepairErrors">Rewrites that failed.</param>
/// <param name="Errno">The first error's, as Linux has it; 0 without one.</param>
/// <param name="Reason">The gravest failure as a sentence; null where there is only an errno.</param>
public sealed record ChildReport(
    int Index,
    string NodeName,
    int VotesLost,
    int Repairs,
    int Errors,
    int RepairErrors,
    int Errno,
    string? Reason);
