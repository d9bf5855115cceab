using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.Simulation.Checking;
using Replication.Simulation.Cluster;
using Replication.TestKit.Simulation;

namespace Replication.Simulation;

/// <summary>I8: what has to come to pass once faults have stopped.</summary>
internal sealed class Recovery(
    SimulatedCluster cluster, ClientTally tally, Func<Func<bool>, TimeSpan, bool> runUntil)
{
    private const int RestartsMax = 3;
    private const int FlushesMax = 20;
    private const int LooksMax = 5;
    private const int ReadSectors = 32;

    /// <summary>Everything that was lost is copied within it, the pauses of back-off included.</summary>
    private static readonly TimeSpan SyncLimit = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan SweepLimit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    private string Gateway => cluster.Gateways[^1];

    /// <summary>
    /// Every child becomes Synced, the volume healthy, and nothing is left to be reconciled. An owner that
    /// has stopped for good is restarted, as an administrator would; one that refuses to go on after
    /// unflushed writes were lost is told to.
    /// </summary>
    /// <returns>False where too many replicas lost their files for that: only people can help.</returns>
    internal bool RequireAllSynced()
    {
        int restarts = 0;
        while (!runUntil(IsRecovered, SyncLimit))
        {
            if (IsBeyondHelp())
            {
                return false;
            }

            VolumeStatus? status = Status();
            bool waitsForPeople = status is null or { Condition: VolumeCondition.Failed }
                || cluster.Record!.Options.OnCacheLoss == CacheLossPolicy.Refuse;
            if (!waitsForPeople || restarts++ == RestartsMax)
            {
                throw Failure(
                    $"I8: not in sync {SyncLimit.TotalSeconds} s after all faults: {Describe(status)}");
            }

            AgreeToLoss();
            cluster.Kill(Gateway);
            runUntil(static () => false, 2 * SimulatedCluster.StoreLatencyMax);
            cluster.StartGateway(Gateway);
        }

        RequireQuiet();
        return true;
    }

    /// <summary>Nothing is left to be done, once what was promoted last is settled.</summary>
    private void RequireQuiet()
    {
        for (int look = 1; ; look++)
        {
            VolumeStatus status = Status() ?? throw Failure("I8: the gateway does not know its volume");
            if (status.Condition == VolumeCondition.Healthy && status.UnreconciledBytes == 0
                && status.Children.All(static child => child.Resync is null))
            {
                return;
            }

            if (look == LooksMax)
            {
                throw Failure($"I8: every child is Synced, and yet: {Describe(status)}");
            }

            runUntil(static () => false, SweepLimit);
        }
    }

    /// <summary>After a flush with nothing else under way the replicas are equal.</summary>
    internal void RequireSameBytes(SimulatedClient client)
    {
        for (int attempt = 1; !TryOnce(client, new FlushRequest(client)); attempt++)
        {
            if (attempt == FlushesMax)
            {
                throw Failure($"I8: {FlushesMax} flushes failed after all faults");
            }
        }

        // Marks go with the sweep after the flush.
        runUntil(static () => false, SweepLimit);
        ReplicaCheck check = new(cluster, cluster.Model);
        if (check.FindDifference(durable: false) is string difference)
        {
            throw Failure($"I8: replicas in sync differ: {difference}");
        }
    }

    /// <summary>
    /// A flushed volume without anything under way leaves nothing behind for its next owner: no zone is hot,
    /// no range under way, and no memory was lost (I7, I8).
    /// </summary>
    internal void RequireNothingLeft(int losses)
    {
        foreach (ReplicaOpened opened in cluster.Opened)
        {
            if (!opened.Continuous || opened.UnderWay.Count > 0 || opened.HotZones.Count > 0)
            {
                throw Failure(
                    $"I8: nothing was under way, all was flushed, and a replica still had "
                    + $"{opened.UnderWay.Count} ranges under way and {opened.HotZones.Count} runs of hot "
                    + $"zones {string.Join(' ', opened.HotZones)} (continuous: {opened.Continuous}, "
                    + $"clean: {opened.Clean:X})");
            }
        }

        if (cluster.Model.Flushes.Era != losses)
        {
            throw Failure("I7: unflushed writes are said to be lost, and no replica had ended");
        }
    }

    /// <summary>Reads everything; bytes that one disk alone got wrong may have no winner.</summary>
    internal void ReadAll(SimulatedClient client)
    {
        for (int first = 0; first < Islands.SectorCount; first += ReadSectors)
        {
            int from = first;
            bool isExcused = Enumerable.Range(from, ReadSectors).Any(cluster.IsExcused);
            for (int attempt = 1; !TryOnce(client, new ReadRequest(client, from, ReadSectors)); attempt++)
            {
                if (isExcused)
                {
                    break;
                }

                if (attempt == FlushesMax)
                {
                    throw Failure($"I8: sectors from {from} cannot be read after all faults");
                }
            }
        }
    }

    private bool TryOnce(SimulatedClient client, ClientRequest request)
    {
        bool? ended = null;
        request.Ended = well => ended = well;
        client.Send(request);
        return runUntil(() => ended is not null, AnswerLimit)
            ? ended!.Value
            : throw Failure($"I8: there is no answer to a {request}; {tally.Sent} were sent");
    }

    /// <summary>
    /// Fewer children than a takeover needs have what was flushed: others lost files after the record called
    /// them Synced.
    /// </summary>
    private bool IsBeyondHelp()
    {
        VolumeRecord record = cluster.Record!;
        return record.Children.Count(child => child.State == ChildState.Synced
            && !cluster.Damaged.Contains(child.Node)) < record.FenceQuorum;
    }

    private bool IsRecovered() =>
        cluster.Record!.Children.All(static child => child.State == ChildState.Synced)
        && cluster.ExportOf(Gateway) is not null
        && cluster.ConditionOf(Gateway) == VolumeCondition.Healthy;

    private VolumeStatus? Status()
    {
        AnswerBox box = new();
        cluster.EntryOf(Gateway).Tell(new QueryVolumes(), box);
        runUntil(() => box.Answer is not null, AnswerLimit);
        return box.Answer is VolumeList { Volumes: [VolumeStatus only] } ? only : null;
    }

    /// <summary>
    /// An administrator's word, for which there is no command yet: it goes into the record.
    /// </summary>
    private void AgreeToLoss()
    {
        VolumeRecord record = cluster.Record!;
        if (record.Options.OnCacheLoss == CacheLossPolicy.Continue)
        {
            return;
        }

        VolumeRecord agreed = record with
        {
            Serial = record.Serial + 1,
            Options = record.Options with { OnCacheLoss = CacheLossPolicy.Continue },
        };
        string key = VolumeRecords.KeyOf(SimulatedCluster.Volume);
        long revision = cluster.Store.Entries.First(entry => entry.Key == key).Revision;
        _ = cluster.Store.CompareAndSetAsync(key, revision, VolumeRecordJson.Encode(agreed));
    }

    private static string Describe(VolumeStatus? status) => status is null
        ? "no status"
        : $"{status.Condition} ({status.Reason}), {status.UnreconciledBytes} bytes to be reconciled, "
            + string.Join(", ", status.Children.Select(static child => $"{child.Name} on {child.Node} "
                + $"{child.State} {child.Link} {child.Resync} ({child.Reason})"));

    private SimulationFailedException Failure(string what) => cluster.World.Failure(what);
}
