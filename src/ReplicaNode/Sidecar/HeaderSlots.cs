namespace Replication.ReplicaNode.Sidecar;

/// <summary>
/// What the two header slots say together: the newest valid header and the slot that the next one goes to,
/// which is never the slot of the header that counts.
/// </summary>
/// <param name="Newest">Null when no slot is valid: the sidecar is lost (P5).</param>
/// <param name="NextSlot">0 or 1.</param>
/// <param name="UnknownVersion">A slot was written by a later version of the format: the sidecar is not
/// ours to judge or to write.</param>
internal readonly record struct HeaderSlots(SidecarHeader? Newest, int NextSlot, bool UnknownVersion)
{
    /// <summary>Judges the content of both slots.</summary>
    internal static HeaderSlots Read(ReadOnlySpan<byte> slot0, ReadOnlySpan<byte> slot1)
    {
        PageState state0 = SidecarHeader.Decode(slot0, out SidecarHeader? header0);
        PageState state1 = SidecarHeader.Decode(slot1, out SidecarHeader? header1);
        bool unknown = state0 == PageState.UnknownVersion || state1 == PageState.UnknownVersion;
        SidecarHeader? valid0 = state0 == PageState.Valid ? header0 : null;
        SidecarHeader? valid1 = state1 == PageState.Valid ? header1 : null;
        bool firstCounts = valid0 is not null && (valid1 is null || valid0.Sequence > valid1.Sequence);
        return new HeaderSlots(firstCounts ? valid0 : valid1, firstCounts ? 1 : 0, unknown);
    }
}
