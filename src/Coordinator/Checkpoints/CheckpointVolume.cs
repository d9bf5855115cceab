using Replication.Messages;

namespace Replication.Coordinator.Checkpoints;

/// <summary>
/// The owner's own flush, which moves the checkpoint (P16) and lets hot marks go (P7). It goes to targets
/// too, for theirs.
/// </summary>
internal sealed record CheckpointVolume : RangeRequest;
