using Replication.Gateway.Exports;
using Replication.Gateway.Nbd.Wire;

namespace Replication.Gateway.Nbd.Transmission;

/// <summary>What a handshake agreed on; it holds for the whole transmission.</summary>
/// <param name="Attachment">The export in use; the connection disposes it.</param>
/// <param name="Structured">Structured replies were negotiated.</param>
/// <param name="Allocation">The context base:allocation was negotiated for this export.</param>
internal sealed record Session(ExportAttachment Attachment, bool Structured, bool Allocation)
{
    /// <summary>Where its requests are counted.</summary>
    internal NbdTraffic Traffic { get; init; } = new();

    /// <summary>What the client may use: nothing is offered that is not served.</summary>
    internal static TransmissionFlags FlagsOf(Export export, bool structured)
    {
        TransmissionFlags flags = TransmissionFlags.HasFlags | TransmissionFlags.SendFlush
            | TransmissionFlags.SendFua | TransmissionFlags.CanMultiConn | TransmissionFlags.SendCache;
        flags |= export.ReadOnly
            ? TransmissionFlags.ReadOnly
            : TransmissionFlags.SendTrim | TransmissionFlags.SendWriteZeroes | TransmissionFlags.SendFastZero;
        return structured ? flags | TransmissionFlags.SendDf : flags;
    }
}
