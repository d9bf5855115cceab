namespace Replication.Coordinator.Requests;

/// <summary>What a copy or a reconcile works on: whole blocks of one region.</summary>
/// <param name="OffsetBytes">At a block's start.</param>
/// <param name="LengthBytes">At most a region; ends at a block's end or the volume's.</param>
/// <param name="Blocks">The blocks to do, as bits.</param>
/// <param name="Stamp">What its writes carry; a stamp of 0 raises none.</param>
internal readonly record struct RegionTask(long OffsetBytes, int LengthBytes, int Blocks, WriteStamp Stamp);
