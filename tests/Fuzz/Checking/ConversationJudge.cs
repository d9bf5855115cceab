using System.Text;
using Replication.Fuzz.Conversations;
using Replication.Fuzz.Wire;

namespace Replication.Fuzz.Checking;

/// <summary>
/// Says what is wrong with a server's answers, by what the specification makes of the client's bytes, however
/// broken these are. Null: nothing is.
/// </summary>
/// <param name="target">The exports there are.</param>
/// <param name="sent">What the client sent.</param>
/// <param name="received">What came back.</param>
/// <param name="isWhole">Everything that the server will ever say is in <paramref name="received"/>.</param>
internal sealed class ConversationJudge(
    FuzzTarget target, ReadOnlyMemory<byte> sent, ReadOnlyMemory<byte> received, bool isWhole)
{
    /// <summary>The server's own limits, as documented; the next closes the connection.</summary>
    private const int OptionsMax = 1024;
    private const int OptionSkipMaxBytes = 1 << 20;
    private const int OptionMaxBytes = 64 << 10;
    private const int StringMaxBytes = 4096;

    private readonly ByteCursor _client = new(sent);
    private readonly ByteCursor _server = new(received);
    private bool _structured;
    private string? _allocationOf;
    private string? _inTransmission;

    /// <summary>Requests that were answered, for the figures.</summary>
    public int AnswerCount { get; private set; }

    public string? Complaint()
    {
        try
        {
            Judge();
            return null;
        }
        catch (ComplaintException complaint)
        {
            return complaint.Message;
        }
    }

    private void Judge()
    {
        Require(
            _server.TryUInt64(out ulong greeting) & _server.TryUInt64(out ulong option)
                & _server.TryUInt16(out ushort offered),
            "no greeting");
        Require(greeting == Nbd.Greeting && option == Nbd.OptionMagic && offered == 3, "another greeting");
        if (!_client.TryUInt32(out uint flags) || flags > 3)
        {
            ExpectEnd("after the client's flags");
            return;
        }

        bool fixedNewstyle = (flags & 1) != 0;
        for (int count = 0; count < OptionsMax; count++)
        {
            if (!_client.TryUInt64(out ulong magic) || !_client.TryUInt32(out uint number)
                || !_client.TryUInt32(out uint length) || magic != Nbd.OptionMagic
                || length > OptionSkipMaxBytes || (number == Nbd.ExportName && length > StringMaxBytes)
                || (number != Nbd.ExportName && !fixedNewstyle)
                || !_client.TryTake(length, out ReadOnlyMemory<byte> data))
            {
                break;
            }

            if (number == Nbd.ExportName)
            {
                JudgeExportName(data.Span, padded: (flags & 2) == 0);
                return;
            }

            if (!JudgeOption(number, data))
            {
                return;
            }

            if (number == Nbd.Abort)
            {
                break;
            }

            if (_inTransmission is { } export)
            {
                JudgeTransmission(export);
                return;
            }
        }

        ExpectEnd("at the end of the handshake");
    }

    private void JudgeExportName(ReadOnlySpan<byte> name, bool padded)
    {
        if (Decode(name) is not { } export || !target.Exists(export))
        {
            ExpectEnd("after a name that cannot be served");
            return;
        }

        const int PaddingBytes = 124;
        if (!_server.TryTake(padded ? 10 + PaddingBytes : 10, out ReadOnlyMemory<byte> answer))
        {
            ExpectNoMore("the answer to EXPORT_NAME is cut");
            return;
        }

        Require(answer.Span[10..].IndexOfAnyExcept((byte)0) < 0, "the padding is not zero");
        JudgeTransmission(export);
    }

    /// <summary>False when the answer is not all there, which the end of the stream may excuse.</summary>
    private bool JudgeOption(uint option, ReadOnlyMemory<byte> data)
    {
        uint expected = ExpectedEnd(option, data);
        bool sawExport = false;
        while (true)
        {
            if (!_server.TryUInt64(out ulong magic) || !_server.TryUInt32(out uint echoed)
                || !_server.TryUInt32(out uint type) || !_server.TryUInt32(out uint length))
            {
                ExpectNoMore($"no whole answer to option {option}");
                return false;
            }

            Require(magic == Nbd.OptionReplyMagic, $"magic {magic:x} in the answer to option {option}");
            Require(echoed == option, $"option {option} is answered as {echoed}");
            if (!_server.TryTake(length, out ReadOnlyMemory<byte> payload))
            {
                ExpectNoMore($"the answer to option {option} is cut");
                return false;
            }

            if (type == Nbd.Ack || type >= 0x8000_0000)
            {
                Require(type == expected, $"option {option} ends with {type:x}, not {expected:x}");
                bool fact = option is Nbd.Info or Nbd.Go && type == Nbd.Ack;
                Require(sawExport == fact, $"option {option}: the export's fact is missing or too much");
                Require(type != Nbd.Ack || length == 0, $"the ACK of option {option} has data");
                Require(Decode(payload.Span) is not null, $"the error of option {option} is no text");
                return true;
            }

            bool fits = type switch
            {
                Nbd.ServerReply => option == Nbd.List,
                Nbd.InfoReply => option is Nbd.Info or Nbd.Go && length >= 2,
                Nbd.MetaContextReply => option is Nbd.ListMetaContext or Nbd.SetMetaContext,
                _ => false,
            };
            Require(fits, $"option {option} is answered by a reply of type {type:x}");
            if (type == Nbd.InfoReply && payload.Span[0] == 0 && payload.Span[1] == 0)
            {
                Require(!sawExport && length == 12, "the export's fact comes twice or malformed");
                sawExport = true;
            }
        }
    }

    private uint ExpectedEnd(uint option, ReadOnlyMemory<byte> data)
    {
        bool known = option is Nbd.Abort or Nbd.List or Nbd.Info or Nbd.Go or Nbd.StructuredReply
            or Nbd.ListMetaContext or Nbd.SetMetaContext;
        if (!known)
        {
            return Nbd.ErrUnsup;
        }

        if (data.Length > OptionMaxBytes)
        {
            return Nbd.ErrTooBig;
        }

        switch (option)
        {
            case Nbd.Abort:
                return Nbd.Ack;
            case Nbd.List:
                return data.IsEmpty ? Nbd.Ack : Nbd.ErrInvalid;
            case Nbd.StructuredReply:
                bool again = _structured;
                _structured |= data.IsEmpty;
                return data.IsEmpty && !again ? Nbd.Ack : Nbd.ErrInvalid;
            case Nbd.Info or Nbd.Go:
                string? name = InfoName(data);
                uint end = name is null ? Nbd.ErrInvalid : target.Exists(name) ? Nbd.Ack : Nbd.ErrUnknown;
                _inTransmission = option == Nbd.Go && end == Nbd.Ack ? name : null;
                return end;
            default:
                return MetaContextEnd(option == Nbd.SetMetaContext, data);
        }
    }

    private static string? InfoName(ReadOnlyMemory<byte> data)
    {
        ByteCursor cursor = new(data);
        string? name = TakeString(cursor);
        return name is not null && cursor.TryUInt16(out ushort count) && cursor.Left == 2 * count
            ? name
            : null;
    }

    private uint MetaContextEnd(bool set, ReadOnlyMemory<byte> data)
    {
        _allocationOf = set ? null : _allocationOf;
        ByteCursor cursor = new(data);
        string? export = TakeString(cursor);
        bool whole = cursor.TryUInt32(out uint count) && export is not null;
        bool allocation = false;
        for (uint i = 0; whole && i < count; i++)
        {
            string? query = TakeString(cursor);
            whole = query is not null;
            allocation |= query == "base:allocation";
        }

        if (!_structured || !whole || cursor.Left > 0)
        {
            return Nbd.ErrInvalid;
        }

        if (!target.Exists(export!))
        {
            return Nbd.ErrUnknown;
        }

        _allocationOf = set && allocation ? export : _allocationOf;
        return Nbd.Ack;
    }

    private void JudgeTransmission(string export)
    {
        TransmissionJudge judge = new(target.SizeBytes, _structured, _allocationOf == export);
        bool endsInOrder = judge.TakeRequests(_client);
        judge.TakeReplies(_server);
        AnswerCount = judge.AnswerCount;
        if (isWhole && endsInOrder)
        {
            judge.RequireAllAnswered();
        }
    }

    private static string? TakeString(ByteCursor cursor) =>
        cursor.TryUInt32(out uint length) && length <= StringMaxBytes
            && cursor.TryTake(length, out ReadOnlyMemory<byte> bytes)
                ? Decode(bytes.Span)
                : null;

    private static string? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return bytes.Contains((byte)0)
                ? null
                : new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, true).GetString(bytes);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The server has nothing more to say.</summary>
    private void ExpectEnd(string where) =>
        Require(_server.Left == 0, $"{_server.Left} bytes too many {where}");

    /// <summary>The answer stops here: fine unless all of it should be there.</summary>
    private void ExpectNoMore(string complaint) => Require(!isWhole, complaint);

    private static void Require(bool holds, string complaint)
    {
        if (!holds)
        {
            throw new ComplaintException(complaint);
        }
    }
}
