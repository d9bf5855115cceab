namespace Replication.Actors.Disk;

/// <summary>A run of bytes that holds data or is a hole.</summary>
public readonly record struct DiskExtent(long OffsetBytes, long LengthBytes, bool IsHole);
