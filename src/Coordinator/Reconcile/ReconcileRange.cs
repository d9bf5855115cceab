using Replication.Messages;

namespace Replication.Coordinator.Reconcile;

/// <summary>
/// The owner's own request: make all children agree on the blocks of this range that are to be reconciled
/// when it starts (P18). The range lies in one region, at whole blocks or the volume's end.
/// </summary>
internal sealed record ReconcileRange(long OffsetBytes, int LengthBytes) : RangeRequest;
