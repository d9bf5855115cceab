using Replication.Coordinator.Requests;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>What a volume does with requests at the moment.</summary>
internal abstract record Gate
{
    private Gate()
    {
    }

    /// <summary>They wait: the children are being opened, or the record is being changed.</summary>
    internal sealed record Hold : Gate;

    /// <summary>They fail.</summary>
    internal sealed record Refuse(RangeFailed Failure) : Gate;

    /// <summary>They are started on this view of the children.</summary>
    internal sealed record Serve(VolumeView View) : Gate;
}
