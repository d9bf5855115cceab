namespace Replication.ReplicaNode.Sidecar;

/// <summary>What a checksummed piece of a sidecar turned out to be.</summary>
internal enum PageState
{
    /// <summary>Written by this format for this replica and this place.</summary>
    Valid,

    /// <summary>Torn, rotten or never written: the checksum or the magic number is wrong.</summary>
    Damaged,

    /// <summary>
    /// Whole, but of another replica or another place: a misdirected write or a mixed-up file.
    /// </summary>
    Foreign,

    /// <summary>
    /// Whole, and of a format version that this build does not know: never to be overwritten.
    /// </summary>
    UnknownVersion,
}
