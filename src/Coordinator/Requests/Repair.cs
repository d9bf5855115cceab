using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>One rewrite of a loser; owns a reference of its payload until it is sent.</summary>
internal sealed record RepairWrite(int Position, long OffsetBytes, PooledBuffer Payload);

/// <summary>
/// The last step of a read whose vote was lost by somebody: writes the winning bytes to the losers (P19)
/// while the request's lock keeps every writer out, so that no newer data is overwritten and the next read
/// sees it repaired.
/// </summary>
internal sealed class Repair(RepairingRead read, List<RepairWrite> writes)
{
    private readonly bool[] _done = new bool[writes.Count];
    private readonly int[] _lengths = [.. writes.Select(static write => write.Payload.LengthBytes)];
    private int _left = writes.Count;
    private bool _sent;

    /// <summary>True while the child at this position has a rewrite to be sent or under way.</summary>
    internal bool Owes(int position)
    {
        for (int number = 0; number < writes.Count; number++)
        {
            if (!_done[number] && writes[number].Position == position)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Sends every rewrite. A stamp of its own makes each later than what it replaces (P6).
    /// </summary>
    internal void Start(RepairStamp stamp)
    {
        _sent = true;
        for (int number = 0; number < writes.Count; number++)
        {
            if (_done[number])
            {
                continue;
            }

            RepairWrite write = writes[number];
            read.Ask(write.Position, new WriteReplica(
                RequestTag.Of(RequestStep.Repair, write.Position, number),
                read.View.Children[write.Position].Ticket,
                stamp.Stamp,
                stamp.LowWater,
                write.OffsetBytes,
                write.Payload,
                Fua: false));
        }
    }

    internal void OnReply(int position, ReplicaReply reply)
    {
        int number = RequestTag.NumberOf(reply);
        if (number < 0 || number >= writes.Count || _done[number] || writes[number].Position != position)
        {
            return;
        }

        if (reply is ReplicaFailed failed)
        {
            FaultKind kind = RequestCoordinator.FaultOf(failed) ?? FaultKind.WriteFailed;
            read.AddFault(position, kind, failed.Errno, failed.Reason);
            Settle(number, failed.Errno);
        }
        else
        {
            Settle(number, reply is ReplicaDone ? 0 : Errno.InputOutput);
        }
    }

    internal void OnChildGone(int position, int errno)
    {
        for (int number = 0; number < writes.Count; number++)
        {
            if (!_done[number] && writes[number].Position == position)
            {
                if (!_sent)
                {
                    writes[number].Payload.Release();
                }

                Settle(number, errno);
            }
        }
    }

    /// <summary>Gives back payloads that were never sent; those that were belong to their messages.</summary>
    internal void Release()
    {
        if (!_sent)
        {
            for (int number = 0; number < writes.Count; number++)
            {
                if (!_done[number])
                {
                    writes[number].Payload.Release();
                }
            }
        }
    }

    private void Settle(int number, int errno)
    {
        _done[number] = true;
        RepairWrite write = writes[number];
        read.NoteRepair(write.Position, (write.OffsetBytes, _lengths[number]), errno);
        if (--_left == 0)
        {
            read.End();
        }
    }
}
