using System.Buffers.Binary;
using Replication.Fuzz.Wire;

namespace Replication.Fuzz.Checking;

/// <summary>
/// Matches replies with requests by their cookies. A cookie that several unanswered reads share leaves it
/// open which one a reply means; judging ends there.
/// </summary>
internal sealed class TransmissionJudge(ulong sizeBytes, bool structured, bool allocation)
{
    private readonly Dictionary<ulong, List<SentRequest>> _unanswered = [];
    private bool _ambiguous;

    public int AnswerCount { get; private set; }

    /// <summary>
    /// Reads the client's requests; true when every one of them must be answered, for the client said goodbye
    /// or just stopped. Not after a wrong magic, at which the server closes.
    /// </summary>
    public bool TakeRequests(ByteCursor client)
    {
        while (client.Left >= Nbd.RequestHeaderBytes)
        {
            client.TryUInt32(out uint magic);
            client.TryUInt16(out ushort flags);
            client.TryUInt16(out ushort command);
            client.TryUInt64(out ulong cookie);
            client.TryUInt64(out ulong offset);
            client.TryUInt32(out uint length);
            if (magic != Nbd.RequestMagic)
            {
                return false;
            }

            if (command == Nbd.Disconnect)
            {
                return true;
            }

            if (command == Nbd.Write && !client.TryTake(length, out _))
            {
                return true;
            }

            if (!_unanswered.TryGetValue(cookie, out List<SentRequest>? same))
            {
                _unanswered[cookie] = same = [];
            }

            same.Add(new SentRequest(command, flags, offset, length));
        }

        return true;
    }

    public void TakeReplies(ByteCursor server)
    {
        while (!_ambiguous && server.TryUInt32(out uint magic))
        {
            bool whole = magic switch
            {
                Nbd.SimpleMagic => TakeSimple(server),
                Nbd.ChunkMagic => TakeChunk(server),
                _ => throw new ComplaintException($"a reply starts with {magic:x8}"),
            };
            if (!whole)
            {
                return;
            }
        }
    }

    public void RequireAllAnswered()
    {
        int left = _unanswered.Values.Sum(static same => same.Count);
        Require(_ambiguous || left == 0, $"{left} requests were never answered");
    }

    private bool TakeSimple(ByteCursor server)
    {
        if (!server.TryUInt32(out uint error) || !server.TryUInt64(out ulong cookie))
        {
            return false;
        }

        if (Find(cookie) is not { } request)
        {
            return true;
        }

        Require(!structured || request.Command != Nbd.Read, "a READ has a simple reply");
        Require(request.Command != Nbd.BlockStatus || error != 0, "a block status has a simple reply");
        RequireError(request, error);
        bool whole = request.Command != Nbd.Read || error != 0 || server.TryTake(request.Length, out _);
        if (whole)
        {
            Finish(cookie, request);
        }

        return whole;
    }

    private bool TakeChunk(ByteCursor server)
    {
        if (!server.TryUInt16(out ushort flags) || !server.TryUInt16(out ushort type)
            || !server.TryUInt64(out ulong cookie) || !server.TryUInt32(out uint length)
            || !server.TryTake(length, out ReadOnlyMemory<byte> data))
        {
            return false;
        }

        Require(structured, "a chunk where structured replies were not negotiated");
        Require(flags <= 1, $"chunk flags {flags:x}");
        if (Find(cookie) is not { } request)
        {
            return true;
        }

        bool done = flags == 1;
        switch (type)
        {
            case Nbd.ChunkError:
                TakeError(request, data.Span, done);
                break;
            case Nbd.ChunkStatus:
                TakeStatus(request, data.Span, done);
                break;
            case Nbd.ChunkNone:
                Require(done && length == 0, "an empty chunk that is not the last or not empty");
                RequireCovered(request);
                break;
            case Nbd.ChunkData or Nbd.ChunkHole:
                TakeContent(request, type, data.Span, done);
                break;
            default:
                throw new ComplaintException($"a chunk of type {type:x}");
        }

        if (done)
        {
            Finish(cookie, request);
        }

        return true;
    }

    private void TakeError(SentRequest request, ReadOnlySpan<byte> data, bool done)
    {
        Require(data.Length >= 6, "an error chunk without an error");
        RequireError(request, BinaryPrimitives.ReadUInt32BigEndian(data));
        Require(BinaryPrimitives.ReadUInt16BigEndian(data[4..]) == data.Length - 6, "an error's text is cut");
        Require(done, "an error chunk is not the last");
    }

    private void TakeStatus(SentRequest request, ReadOnlySpan<byte> data, bool done)
    {
        Require(request.Command == Nbd.BlockStatus && done, "a status that was not asked for, or in parts");
        RequireError(request, 0);
        Require(data.Length >= 12 && data.Length % 8 == 4, $"a status of {data.Length} bytes");
        ulong sum = 0;
        int count = 0;
        for (ReadOnlySpan<byte> left = data[4..]; !left.IsEmpty; left = left[8..])
        {
            uint extent = BinaryPrimitives.ReadUInt32BigEndian(left);
            Require(extent > 0, "an extent of no bytes");
            sum += extent;
            count++;
        }

        bool one = (request.Flags & Nbd.ReqOne) != 0;
        Require(sum <= request.Length && (!one || count == 1), $"{count} extents of {sum} bytes in all");
    }

    private void TakeContent(SentRequest request, ushort type, ReadOnlySpan<byte> data, bool done)
    {
        Require(request.Command == Nbd.Read, "content for a request that reads nothing");
        RequireError(request, 0);
        Require(data.Length >= (type == Nbd.ChunkHole ? 12 : 9), "a content chunk without content");
        ulong offset = BinaryPrimitives.ReadUInt64BigEndian(data);
        uint length = type == Nbd.ChunkHole
            ? BinaryPrimitives.ReadUInt32BigEndian(data[8..])
            : (uint)data.Length - 8;

        // This server sends the chunks of a read in order, so that neither gaps nor overlaps can hide.
        bool next = offset == request.Offset + request.CoveredBytes;
        Require(next && length > 0, "a gap or an overlap in a read");
        request.CoveredBytes += length;
        Require(request.CoveredBytes <= request.Length, "more than was asked for");
        bool single = done && type == Nbd.ChunkData;
        Require((request.Flags & Nbd.Df) == 0 || single, "DF, and more than one chunk");
        if (done)
        {
            RequireCovered(request);
        }
    }

    private static void RequireCovered(SentRequest request) => Require(
        request.CoveredBytes == request.Length, $"{request.CoveredBytes} of {request.Length} bytes read");

    private void RequireError(SentRequest request, uint error)
    {
        IReadOnlyList<uint> allowed = request.Errors(sizeBytes, structured, allocation);
        bool right = allowed.Count == 0 ? error == 0 : allowed.Contains(error);
        Require(
            right,
            $"command {request.Command}, flags {request.Flags:x}, {request.Length} bytes at "
                + $"{request.Offset}: error {error}, allowed {string.Join(' ', allowed)}");
    }

    private SentRequest? Find(ulong cookie)
    {
        if (!_unanswered.TryGetValue(cookie, out List<SentRequest>? same))
        {
            throw new ComplaintException($"a reply to cookie {cookie:x}, which waits for none");
        }

        _ambiguous = same.Count > 1 && same.Any(request => request != same[0] && !IsLike(request, same[0]));
        return _ambiguous ? null : same[0];
    }

    private static bool IsLike(SentRequest one, SentRequest other) => one.Command == other.Command
        && one.Command != Nbd.Read && one.Flags == other.Flags && one.Length == other.Length
        && one.Offset == other.Offset;

    private void Finish(ulong cookie, SentRequest request)
    {
        AnswerCount++;
        List<SentRequest> same = _unanswered[cookie];
        same.Remove(request);
        if (same.Count == 0)
        {
            _unanswered.Remove(cookie);
        }
    }

    private static void Require(bool holds, string complaint)
    {
        if (!holds)
        {
            throw new ComplaintException(complaint);
        }
    }
}
