using System.Collections.Immutable;
using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Requests;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Keeps the record's list of bad blocks (P22): those without a winner go on it before anything else is
/// started, and those that a write covered come off before its client is told. Runs within the volume's
/// actor.
/// </summary>
internal sealed class BadBlockKeeper(VolumeParts parts)
{
    private const int SectorsPerBlock = RequestLimits.BlockLengthBytes / RequestCoordinator.SectorBytes;

    // At most one entry for each running request.
    private readonly Queue<(ImmutableArray<long> Blocks, bool IsBad, IActorRef? Waiter)> _waiting = new();

    /// <summary>Blocks were found that no version of wins.</summary>
    internal void Add(ImmutableArray<long> blocks) => _waiting.Enqueue((blocks, true, null));

    /// <summary>A write covered blocks of the list; its coordinator waits.</summary>
    internal void Remove(ImmutableArray<long> blocks, IActorRef waiter) =>
        _waiting.Enqueue((blocks, false, waiter));

    /// <summary>Records what waits, until a change of the record is under way.</summary>
    internal void Proceed()
    {
        while (!parts.Keeper.IsChanging && !parts.State.IsOpening
            && _waiting.TryDequeue(out (ImmutableArray<long> Blocks, bool IsBad, IActorRef? Waiter) next))
        {
            if (parts.State.IsFailed)
            {
                next.Waiter?.Tell(new BadBlocksCleared(Recorded: false), parts.Context.Self);
                continue;
            }

            ImmutableArray<long> before = parts.Record.BadBlocks;
            ImmutableArray<long> blocks =
                [.. next.Blocks.Where(block => before.BinarySearch(block) >= 0 != next.IsBad)];
            if (blocks.IsEmpty)
            {
                next.Waiter?.Tell(new BadBlocksCleared(Recorded: true), parts.Context.Self);
                continue;
            }

            Begin(blocks, next.IsBad, next.Waiter);
        }
    }

    private void Begin(ImmutableArray<long> blocks, bool isBad, IActorRef? waiter)
    {
        RecordPurpose purpose = new("", isDone =>
        {
            if (isDone)
            {
                Publish(blocks, isBad);
            }

            if (isDone && !isBad)
            {
                // There is room again for what did not fit: it is found anew (P21).
                parts.Judge(parts.Resyncs.FaultsOfObstructed());
            }

            waiter?.Tell(new BadBlocksCleared(isDone), parts.Context.Self);
        });
        RecordChange change =
            isBad ? parts.Record.WithBadBlocks(blocks) : parts.Record.WithoutBadBlocks(blocks);
        if (parts.Changes.Begin(change, purpose) is not { } refusal)
        {
            return;
        }

        if (isBad)
        {
            // The list is full: a child that holds such a block cannot be promoted (P21).
            parts.Resyncs.Obstruct(refusal);
        }

        parts.Context.System.Log.Error($"volume {parts.Record.Name}", refusal);
        waiter?.Tell(new BadBlocksCleared(Recorded: false), parts.Context.Self);
    }

    /// <summary>One event for each run of neighbouring blocks.</summary>
    private void Publish(ImmutableArray<long> blocks, bool isBad)
    {
        int first = 0;
        for (int next = 1; next <= blocks.Length; next++)
        {
            if (next == blocks.Length || blocks[next] != blocks[next - 1] + 1)
            {
                parts.Context.System.EventStream.Publish(new BadBlocksChanged(
                    parts.Now,
                    parts.Record.Name,
                    blocks[first] * SectorsPerBlock,
                    (next - first) * SectorsPerBlock,
                    isBad));
                first = next;
            }
        }
    }
}
