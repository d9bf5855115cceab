using System.Text;
using Replication.Gateway.Exports;
using Replication.Gateway.Nbd.Transmission;
using Replication.Gateway.Nbd.Wire;

namespace Replication.Gateway.Nbd.Handshake;

/// <summary>
/// What each option does. Replies are queued in the writer; an option that starts the transmission returns
/// the session. A refused option leaves what was negotiated before as it was, save where the protocol says
/// otherwise.
/// </summary>
internal sealed class OptionHandlers(OptionWriter writer, ExportCatalog exports, IExportUser user)
{
    /// <summary>A long list goes out in pieces of about this size.</summary>
    private const int ListFlushBytes = 64 << 10;

    private const string Malformed = "its lengths do not add up, or a string is not UTF-8";

    private bool _structured;

    // The export for which base:allocation is set.
    private Export? _allocationOf;

    /// <summary>True after ABORT: the client is gone once the answer is sent.</summary>
    internal bool HasLeft { get; private set; }

    /// <summary>True for options that are answered by more than "unsupported".</summary>
    internal static bool IsKnown(NbdOption option) => option is NbdOption.ExportName or NbdOption.Abort
        or NbdOption.List or NbdOption.Info or NbdOption.Go or NbdOption.StructuredReply
        or NbdOption.ListMetaContext or NbdOption.SetMetaContext;

    internal async ValueTask<Session?> HandleAsync(
        NbdOption option, byte[] data, bool noZeroes, CancellationToken stop)
    {
        switch (option)
        {
            case NbdOption.ExportName:
                return OpenByName(data, noZeroes);
            case NbdOption.Abort:
                writer.AddReply(option, OptionReply.Ack);
                HasLeft = true;
                return null;
            case NbdOption.List:
                await ListAsync(data, stop);
                return null;
            case NbdOption.Info or NbdOption.Go:
                return InfoOrGo(option, data);
            case NbdOption.StructuredReply:
                NegotiateStructured(data);
                return null;
            case NbdOption.ListMetaContext or NbdOption.SetMetaContext:
                MetaContext(option, data);
                return null;
            default:
                writer.AddError(
                    option, OptionReply.ErrorUnsupported, $"option {(uint)option} is not supported");
                return null;
        }
    }

    private Session OpenByName(byte[] data, bool noZeroes)
    {
        string name = Text.Decode(data)
            ?? throw new NbdProtocolException("the export's name is not UTF-8, or holds a NUL");
        ExportAttachment attachment = exports.Attach(name, user)
            ?? throw new NbdProtocolException(
                exports.WhyAbsent(name)?.Reason ?? $"there is no export {Text.Printable(name)}");
        Session session = MakeSession(attachment);
        writer.AddUInt64((ulong)attachment.Export.SizeBytes);
        writer.AddUInt16((ushort)Session.FlagsOf(attachment.Export, _structured));
        if (!noZeroes)
        {
            writer.AddZeroes(NbdProtocol.ExportNamePaddingBytes);
        }

        return session;
    }

    private async ValueTask ListAsync(byte[] data, CancellationToken stop)
    {
        if (data.Length > 0)
        {
            writer.AddError(NbdOption.List, OptionReply.ErrorInvalid, "LIST has no data");
            return;
        }

        foreach (Export export in exports.List())
        {
            int nameBytes = Encoding.UTF8.GetByteCount(export.Name);
            int textBytes = Encoding.UTF8.GetByteCount(export.Description);
            writer.AddReply(NbdOption.List, OptionReply.Server, sizeof(uint) + nameBytes + textBytes);
            writer.AddUInt32((uint)nameBytes);
            writer.AddText(export.Name);
            writer.AddText(export.Description);
            if (writer.QueuedBytes > ListFlushBytes)
            {
                await writer.FlushAsync(stop);
            }
        }

        writer.AddReply(NbdOption.List, OptionReply.Ack);
    }

    private Session? InfoOrGo(NbdOption option, byte[] data)
    {
        if (InfoQuery.Parse(data) is not { } query)
        {
            writer.AddError(option, OptionReply.ErrorInvalid, Malformed);
            return null;
        }

        ExportAttachment? attachment = option == NbdOption.Go ? exports.Attach(query.ExportName, user) : null;
        if ((attachment?.Export ?? exports.Find(query.ExportName)) is not { } export
            || (option == NbdOption.Go && attachment is null))
        {
            AddUnknown(option, query.ExportName);
            return null;
        }

        AddInfo(option, query, export);
        writer.AddReply(option, OptionReply.Ack);
        return attachment is null ? null : MakeSession(attachment);
    }

    private void AddInfo(NbdOption option, InfoQuery query, Export export)
    {
        writer.AddReply(option, OptionReply.Info, sizeof(ushort) + sizeof(ulong) + sizeof(ushort));
        writer.AddUInt16((ushort)InfoType.Export);
        writer.AddUInt64((ulong)export.SizeBytes);
        writer.AddUInt16((ushort)Session.FlagsOf(export, _structured));
        if (query.Name)
        {
            AddInfoText(option, InfoType.Name, export.Name);
        }

        if (query.Description && export.Description.Length > 0)
        {
            AddInfoText(option, InfoType.Description, export.Description);
        }

        if (query.BlockSize)
        {
            writer.AddReply(option, OptionReply.Info, sizeof(ushort) + (3 * sizeof(uint)));
            writer.AddUInt16((ushort)InfoType.BlockSize);
            writer.AddUInt32(NbdProtocol.BlockSizeMin);
            writer.AddUInt32(NbdProtocol.BlockSizePreferred);
            writer.AddUInt32(NbdProtocol.PayloadMaxBytes);
        }
    }

    private void AddInfoText(NbdOption option, InfoType type, string text)
    {
        writer.AddReply(option, OptionReply.Info, sizeof(ushort) + Encoding.UTF8.GetByteCount(text));
        writer.AddUInt16((ushort)type);
        writer.AddText(text);
    }

    private void NegotiateStructured(byte[] data)
    {
        if (data.Length > 0 || _structured)
        {
            writer.AddError(
                NbdOption.StructuredReply,
                OptionReply.ErrorInvalid,
                _structured ? "structured replies are negotiated already" : "STRUCTURED_REPLY has no data");
            return;
        }

        _structured = true;
        writer.AddReply(NbdOption.StructuredReply, OptionReply.Ack);
    }

    private void MetaContext(NbdOption option, byte[] data)
    {
        bool set = option == NbdOption.SetMetaContext;
        if (set)
        {
            // Each SET replaces the one before, also when it fails.
            _allocationOf = null;
        }

        if (!_structured)
        {
            writer.AddError(
                option, OptionReply.ErrorInvalid, "metadata contexts need structured replies first");
            return;
        }

        if (MetaContextQuery.Parse(data) is not { } query)
        {
            writer.AddError(option, OptionReply.ErrorInvalid, Malformed);
            return;
        }

        if (exports.Find(query.ExportName) is not { } export)
        {
            AddUnknown(option, query.ExportName);
            return;
        }

        if (query.Exact || (!set && (query.Wildcard || query.QueryCount == 0)))
        {
            writer.AddReply(
                option, OptionReply.MetaContext, sizeof(uint) + NbdProtocol.AllocationContext.Length);
            writer.AddUInt32(set ? NbdProtocol.AllocationContextId : 0);
            writer.AddText(NbdProtocol.AllocationContext);
            _allocationOf = set ? export : _allocationOf;
        }

        writer.AddReply(option, OptionReply.Ack);
    }

    /// <summary>
    /// Where more is known than that there is none, that is the text: QEMU shows it to its user, libnbd with
    /// its debugging on. One that is held back is not unknown: libnbd would say that there is no such export.
    /// </summary>
    private void AddUnknown(NbdOption option, string name)
    {
        ExportAbsence? absence = exports.WhyAbsent(name);
        writer.AddError(
            option,
            absence is { IsHeldBack: true } ? OptionReply.ErrorPolicy : OptionReply.ErrorUnknown,
            absence?.Reason
                ?? (name.Length == 0 ? "there is no default export" : "there is no export of that name"));
    }

    /// <summary>Contexts count only for the export that they were set for.</summary>
    private Session MakeSession(ExportAttachment attachment) =>
        new(attachment, _structured, ReferenceEquals(_allocationOf, attachment.Export));
}
