using System.Numerics;
using System.Runtime.CompilerServices;
using Replication.Actors;
using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Actors.Threading;
using Replication.Gateway.Nbd.Wire;
using Replication.Messages;

namespace Replication.Gateway.Nbd.Transmission;

/// <summary>Why the receiving loop ended.</summary>
internal enum ReceiveEnd
{
    /// <summary>The client said goodbye.</summary>
    Disconnected,

    /// <summary>The stream ended between two requests.</summary>
    EndOfStream,

    /// <summary>The stream ended within a request.</summary>
    CutShort,

    /// <summary>The server was told to stop, and everything that had arrived is answered.</summary>
    Stopped,
}

/// <summary>
/// Reads requests and hands them to the volume, without a hop between: the volume is told from this loop.
/// Requests of one receive are handled in one go; a write's payload is read straight into the buffer that
/// goes to the volume (what the receive already brought of it is copied there).
/// </summary>
internal sealed class RequestReceiver(
    SocketReader reader, ReplyWriter writer, InFlightGauge gauge, Session session)
{
    private readonly IActorRef _volume = session.Attachment.Export.Volume;

    // The write whose payload is not complete, and how far it is.
    private NbdRequest? _partialWrite;
    private PooledBuffer? _payload;
    private int _payloadReceived;

    // The refused write whose payload is still to be dropped.
    private NbdRequest? _refusedWrite;
    private RequestCheck _refusal;
    private long _skipBytes;
    private bool _stopping;

    private enum Step
    {
        NeedHeader,
        NeedPayload,
        NeedSkip,
        NeedRoom,
        Disconnect,
    }

    /// <summary>Runs until the client leaves or <paramref name="stop"/> asks for the end.</summary>
    /// <param name="stop">From then on requests are answered ESHUTDOWN; what has arrived still is
    /// answered.</param>
    /// <param name="abort">Ends every waiting with an OperationCanceledException.</param>
    /// <exception cref="NbdProtocolException">The client broke the protocol.</exception>
    internal async Task<ReceiveEnd> RunAsync(CancellationToken stop, CancellationToken abort)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop, abort);
        try
        {
            while (true)
            {
                _stopping = stop.IsCancellationRequested;
                switch (HandleAvailable())
                {
                    case Step.NeedHeader when _stopping && reader.WaitingBytes == 0:
                        return ReceiveEnd.Stopped;
                    case Step.NeedHeader:
                        if (!await WaitForHeaderAsync(stop, _stopping ? abort : either.Token))
                        {
                            return reader.Available.IsEmpty ? ReceiveEnd.EndOfStream : ReceiveEnd.CutShort;
                        }

                        break;
                    case Step.NeedPayload:
                        if (!await ReadPayloadAsync(abort))
                        {
                            return ReceiveEnd.CutShort;
                        }

                        TellPartialWrite();
                        break;
                    case Step.NeedSkip:
                        if (!await reader.SkipAsync(_skipBytes, abort))
                        {
                            return ReceiveEnd.CutShort;
                        }

                        AnswerRefusedWrite();
                        break;
                    case Step.NeedRoom:
                        await gauge.WaitForRoomAsync(BudgetOf(RequestHeader.Parse(reader.Available)), abort);
                        break;
                    case Step.Disconnect:
                        return ReceiveEnd.Disconnected;
                }
            }
        }
        finally
        {
            DropPartial();
        }
    }

    /// <summary>
    /// A write that never became whole never reached the volume, and nobody will answer it.
    /// </summary>
    private void DropPartial()
    {
        _payload?.Release();
        _payload = null;
        if ((_partialWrite ?? _refusedWrite) is { } request)
        {
            _partialWrite = null;
            _refusedWrite = null;
            gauge.Leave(1, request.BudgetBytes);
        }
    }

    /// <summary>False at the end of the stream; true also when a stop interrupted the waiting.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitForHeaderAsync(CancellationToken stop, CancellationToken token)
    {
        try
        {
            return await reader.WaitForAsync(NbdProtocol.RequestHeaderBytes, token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !_stopping)
        {
            return true;
        }
    }

    private async ValueTask<bool> ReadPayloadAsync(CancellationToken abort)
    {
        gauge.Client.BeginReceive();
        try
        {
            return await reader.ReadAsync(_payload!.Memory[_payloadReceived..], gauge.Client, abort);
        }
        finally
        {
            gauge.Client.EndReceive();
        }
    }

    private Step HandleAvailable()
    {
        bool held = writer.TryHold();
        try
        {
            using Turn turn = Turn.Begin();
            while (reader.Available.Length >= NbdProtocol.RequestHeaderBytes)
            {
                Step step = HandleOne(RequestHeader.Parse(reader.Available));
                if (step != Step.NeedHeader)
                {
                    return step;
                }
            }

            return Step.NeedHeader;
        }
        finally
        {
            if (held)
            {
                writer.Execute();
            }
        }
    }

    private Step HandleOne(in RequestHeader header)
    {
        if (header.Command == NbdCommand.Disconnect)
        {
            return Step.Disconnect;
        }

        RequestCheck check = _stopping
            ? new RequestCheck(Errno.Shutdown, "the server or the export is shutting down")
            : RequestCheck.Of(header, session);
        int budget = check.Error == 0 ? BudgetOf(header) : 0;
        if (!gauge.TryEnter(budget))
        {
            return Step.NeedRoom;
        }

        session.Traffic.Count(header.Command);
        reader.Consume(NbdProtocol.RequestHeaderBytes);
        NbdRequest request = new(writer, header, budget);
        if (header.Command == NbdCommand.Write && header.Length > 0)
        {
            return check.Error == 0 ? BeginWrite(request) : RefuseWrite(request, check);
        }

        if (check.Error != 0 || (header.Length == 0 && header.Command != NbdCommand.Flush))
        {
            request.Answer(check.Error, check.Reason);
        }
        else
        {
            _volume.Tell(MessageFor(header), request);
        }

        return Step.NeedHeader;
    }

    private Step BeginWrite(NbdRequest request)
    {
        _partialWrite = request;
        _payload = PooledBuffer.Rent((int)request.Header.Length);
        _payloadReceived = reader.TakePayload(_payload.Span);
        if (_payloadReceived < _payload.LengthBytes)
        {
            return Step.NeedPayload;
        }

        TellPartialWrite();
        return Step.NeedHeader;
    }

    private void TellPartialWrite()
    {
        using Turn turn = Turn.Begin();
        NbdRequest request = _partialWrite!;
        PooledBuffer payload = _payload!;
        _partialWrite = null;
        _payload = null;
        RequestHeader header = request.Header;
        _volume.Tell(
            new WriteRange((long)header.Offset, payload, header.Flags.HasFlag(CommandFlags.Fua)), request);
    }

    private Step RefuseWrite(NbdRequest request, RequestCheck check)
    {
        _refusedWrite = request;
        _refusal = check;
        _skipBytes = request.Header.Length;
        int available = (int)Math.Min(_skipBytes, reader.Available.Length);
        reader.Consume(available);
        _skipBytes -= available;
        if (_skipBytes > 0)
        {
            return Step.NeedSkip;
        }

        AnswerRefusedWrite();
        return Step.NeedHeader;
    }

    private void AnswerRefusedWrite()
    {
        NbdRequest request = _refusedWrite!;
        _refusedWrite = null;
        request.Answer(_refusal.Error, _refusal.Reason);
    }

    private static RangeRequest MessageFor(in RequestHeader header)
    {
        long offset = (long)header.Offset;
        bool fua = header.Flags.HasFlag(CommandFlags.Fua);
        return header.Command switch
        {
            NbdCommand.Read => new ReadRange(offset, (int)header.Length),

            // A hint: what is beyond one read's length is not fetched ahead.
            NbdCommand.Cache => new ReadRange(
                offset, (int)Math.Min(header.Length, NbdProtocol.PayloadMaxBytes)),
            NbdCommand.Flush => new FlushVolume(),
            NbdCommand.Trim => new ZeroRange(offset, header.Length, ZeroMode.MayPunch, fua) { IsTrim = true },
            NbdCommand.WriteZeroes => new ZeroRange(
                offset,
                header.Length,
                header.Flags.HasFlag(CommandFlags.NoHole) ? ZeroMode.KeepAllocated : ZeroMode.MayPunch,
                fua),
            NbdCommand.BlockStatus => new QueryRangeExtents(offset, header.Length),
            _ => throw new InvalidOperationException($"{header.Command} is not a request for a volume"),
        };
    }

    /// <summary>Bytes of buffers that serving the request will hold: the pool has powers of two.</summary>
    private static int BudgetOf(in RequestHeader header) => header.Command switch
    {
        NbdCommand.Read or NbdCommand.Write or NbdCommand.Cache =>
            (int)BitOperations.RoundUpToPowerOf2(Math.Min(header.Length, NbdProtocol.PayloadMaxBytes)),
        NbdCommand.BlockStatus => NbdRequest.ExtentsMaxBytes,
        _ => 0,
    };
}
