using Replication.Cluster.Records;

namespace Replication.Coordinator.Volumes;

/// <summary>Asks a volume for its status: answered by <see cref="VolumeStatus"/>.</summary>
internal sealed record QueryVolume;

/// <summary>Asks to be told <see cref="VolumeStatus"/> once the opening is settled.</summary>
internal sealed record AwaitOpening;

/// <summary>
/// Finish what is under way, close the replicas and stop: answered by <see cref="VolumeClosed"/>.
/// </summary>
internal sealed record CloseVolume;

/// <summary>The volume is closed.</summary>
internal sealed record VolumeClosed(string Name);

/// <summary>The store has answered a change of the record.</summary>
internal sealed record RecordStored(VolumeChange Change, RecordPurpose Purpose);

/// <summary>Nothing is to be reconciled any more.</summary>
internal sealed record VolumeReconciled;
