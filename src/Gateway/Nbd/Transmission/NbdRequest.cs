using System.Runtime.CompilerServices;
using Replication.Actors;
using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Gateway.Nbd.Wire;
using Replication.Messages;

namespace Replication.Gateway.Nbd.Transmission;

/// <summary>
/// One request on its way: the ref that the volume answers to, then the answer in the writer's queue. Not
/// pooled: a volume that answered twice would otherwise speak for a stranger's request; so it is only logged.
/// </summary>
/// <remarks>
/// Allocations of one request: this object (about 110 bytes) and the volume's message (32 to 48 bytes); a
/// write also allocates its PooledBuffer (32 bytes, the memory is pooled). The path to the volume and back
/// adds none here.
/// </remarks>
internal sealed class NbdRequest(ReplyWriter writer, in RequestHeader header, int budgetBytes) : CallbackRef
{
    /// <summary>Most extents in one answer; the client asks again for the rest.</summary>
    internal const int ExtentsMax = 4096;

    /// <summary>What the extents of an answer take at most, in bytes.</summary>
    internal static readonly int ExtentsMaxBytes = ExtentsMax * Unsafe.SizeOf<DiskExtent>();

    private int _answered;

    /// <summary>What the client sent.</summary>
    internal RequestHeader Header { get; } = header;

    /// <summary>What it counts in the connection's gauge.</summary>
    internal int BudgetBytes { get; } = budgetBytes;

    /// <summary>The link of the writer's queue and batch.</summary>
    internal NbdRequest? Next { get; set; }

    /// <summary>The data of a successful read; one reference is this request's.</summary>
    internal PooledBuffer? Data { get; private set; }

    /// <summary>The answer to a block status.</summary>
    internal IReadOnlyList<DiskExtent>? Extents { get; private set; }

    /// <summary>An error of the protocol, or 0.</summary>
    internal uint Error { get; private set; }

    /// <summary>Why, for clients that take text.</summary>
    internal string Reason { get; private set; } = string.Empty;

    /// <summary>How much of <see cref="Data"/> the writer has encoded.</summary>
    internal int EncodedBytes { get; set; }

    /// <summary>Answers without asking the volume.</summary>
    internal void Answer(uint error, string reason)
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0)
        {
            throw new InvalidOperationException(
                $"the {Header.Command} request was answered twice by its connection");
        }

        Error = error;
        Reason = reason;
        writer.Enqueue(this);
    }

    /// <summary>Gives the payload back.</summary>
    internal void ReleaseData()
    {
        PooledBuffer? data = Data;
        Data = null;
        data?.Release();
    }

    /// <inheritdoc/>
    protected override void OnMessage(object message, IActorRef? sender)
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0)
        {
            (message as RangeRead)?.Data.Release();
            writer.LogError($"a {Header.Command} request got a second answer: {message}");
            return;
        }

        switch (message)
        {
            case RangeRead read
                when Header.Command == NbdCommand.Read && read.Data.LengthBytes == Header.Length:
                Data = read.Data;
                break;
            case RangeRead read when Header.Command == NbdCommand.Cache:
                read.Data.Release();
                break;
            case RangeDone when Header.Command is not (NbdCommand.Read or NbdCommand.BlockStatus):
                break;
            case RangeExtents found when Header.Command == NbdCommand.BlockStatus && found.Extents.Count > 0:
                // A longer list is not kept until it is sent: its memory is not counted.
                Extents = found.Extents.Count <= ExtentsMax
                    ? found.Extents
                    : [.. found.Extents.Take(ExtentsMax)];
                break;
            case RangeFailed failed:
                Error = NbdErrno.FromLinux(failed.Errno);
                Reason = failed.Reason;
                break;
            default:
                Misanswer(message);
                break;
        }

        writer.Enqueue(this);
    }

    private void Misanswer(object message)
    {
        (message as RangeRead)?.Data.Release();
        Error = Errno.InputOutput;
        Reason = "the volume gave an answer of another kind";
        writer.LogError(
            $"{Header.Command} of {Header.Length} bytes at {Header.Offset} was answered by {message}");
    }
}
