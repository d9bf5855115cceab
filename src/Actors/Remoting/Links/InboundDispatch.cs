using System.Text;
using Replication.Actors.Buffers;
using Replication.Actors.Remoting.Codecs;
using Replication.Actors.Remoting.Frames;

namespace Replication.Actors.Remoting.Links;

/// <summary>
/// Makes messages of a link's frames and tells them to their targets, on the transport's thread. Hot path:
/// one message, one sender's ref and one envelope are allocated for each frame.
/// </summary>
internal sealed class InboundDispatch(RemotingContext remoting, Link link) : IFrameSink
{
    private long _lastUnknownLog;

    public void OnFrame(in FrameHeader header, ReadOnlySpan<byte> body, PooledBuffer? payload)
    {
        IMessageCodec? codec = remoting.Codecs.Find(header.TypeId);
        if (codec is null)
        {
            payload?.Release();
            LogUnknown(header.TypeId);
            return;
        }

        string? targetName = null;
        object message;
        try
        {
            if ((header.Flags & FrameFlags.TargetByName) != FrameFlags.None)
            {
                targetName = TakeName(ref body);
            }

            message = codec.Read(body, payload);
        }
        catch (MalformedMessageException)
        {
            payload?.Release();
            throw;
        }
#pragma warning disable CA1031 // A codec that fails so is a bug; it costs this connection, not the process.
        catch (Exception cause)
#pragma warning restore CA1031
        {
            payload?.Release();
            throw new MalformedMessageException(
                $"{codec.MessageType.Name} could not be read: {cause.Message}", cause);
        }

        if (codec.TypeId < KernelCodecs.FirstUserTypeId)
        {
            OnKernelMessage(in header, message, targetName);
            return;
        }

        Deliver(in header, message, targetName);
    }

    private static string TakeName(ref ReadOnlySpan<byte> body)
    {
        WireReader reader = new(body);
        int lengthBytes = reader.ReadByte();
        string name = Encoding.UTF8.GetString(reader.ReadRaw(lengthBytes));
        body = body[(1 + lengthBytes)..];
        return name;
    }

    private void Deliver(in FrameHeader header, object message, string? targetName)
    {
        IActorRef? sender =
            header.SenderId == 0 ? null : new RemoteActorRef(link.Peer, link.PeerUid, header.SenderId);
        IActorRef? target =
            targetName is null ? remoting.FindTarget(header.TargetId) : remoting.System.Find(targetName);
        if (target is null)
        {
            // The dead letter still holds its payload; the garbage collector has it then.
            remoting.System.PublishDeadLetter(message, sender, remoting.System.DeadLetters);
            return;
        }

        target.Tell(message, sender);
    }

    private void OnKernelMessage(in FrameHeader header, object message, string? targetName)
    {
        if (message is not Heartbeat)
        {
            link.Actor!.Tell(new LinkFrame(message, targetName, header.TargetId, header.SenderId));
        }
    }

    /// <summary>
    /// A newer peer may know more messages; they are left out, and the log says so now and then.
    /// </summary>
    private void LogUnknown(ushort typeId)
    {
        long now = remoting.Time.GetTimestamp();
        if (_lastUnknownLog == 0
            || remoting.Time.GetElapsedTime(_lastUnknownLog, now) >= RemotingLimits.RepeatedLogInterval)
        {
            _lastUnknownLog = now;
            remoting.System.Log.Warning(
                RemotingContext.LogSource,
                $"{link.Peer.Name} sends messages of type {typeId}, which is unknown here");
        }
    }
}
