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

    /// <summary>Clients' requests fail.</summary>
    /// <param name="Failure">What they are told.</param>
    /// <param name="Copies">
    /// The view on which the owner's own requests run all the same: copies, reconciles, checkpoints (P12 b).
    /// Null: those fail too.
    /// </param>
    internal sealed record Refuse(RangeFailed Failure, VolumeView? Copies = null) : Gate;

    /// <summary>They are started on this view of the children.</summary>
    internal sealed record Serve(VolumeView View) : Gate;
}
