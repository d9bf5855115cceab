using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.Simulation.Checking;
using Replication.Simulation.Cluster;
using Replication.TestKit.Simulation;

namespace Replication.Simulation;

/// <summary>
/// An administrator deletes a volume while hosts die, and makes one of the same name: the old one is whole or
/// gone, and nothing of it is ever read from the new one.
/// </summary>
public sealed class VolumeDeletionTests
{
    private const int Seeds = 60;
    private const int WrittenSectors = 16;

    [Fact]
    public void A_deleted_volume_is_whole_or_gone_and_its_name_starts_anew_with_zeroes()
    {
        SortedDictionary<string, int> ends = new(StringComparer.Ordinal);
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            string end = new Run(seed).Tell();
            ends[end] = ends.GetValueOrDefault(end) + 1;
        }

        string sums = string.Join(", ", ends);
        Assert.True(ends.GetValueOrDefault("whole") > 0, sums);
        Assert.True(ends.GetValueOrDefault("gone") > 0, sums);
        Assert.True(ends.GetValueOrDefault("deleted") > 0, sums);
        Assert.True(ends.GetValueOrDefault("left on node2") > 0, sums);
    }

    /// <summary>What befalls the cluster while the volume is deleted.</summary>
    private enum Mishap
    {
        None,
        GatewayDies,
        GatewayAndNodeDie,
        NodeRestarts,
        NodeStaysAway,
    }

    /// <summary>One seed.</summary>
    private sealed class Run
    {
        private readonly ulong _seed;
        private readonly SimulatedWorld _world;
        private readonly SeededIdSource _random;
        private readonly SimulatedCluster _cluster;
        private readonly Mishap _mishap;
        private long _written;

        internal Run(ulong seed)
        {
            _seed = seed;
            _world = new SimulatedWorld(seed);
            _random = _world.Random("administrator");
            _cluster = new SimulatedCluster(_world, 3, new VolumeModel());
            _mishap = (Mishap)(_random.NextUInt64() % 5);
        }

        internal string Tell()
        {
            _cluster.StartGateway("gateway");
            AwaitServing(Ask(Creation()));
            Write();
            AnswerBox deleted = new();
            _cluster.EntryOf("gateway").Tell(new DeleteVolume(SimulatedCluster.Volume), deleted);
            _world.RunFor(_random.NextSpan(TimeSpan.Zero, TimeSpan.FromMilliseconds(40)));
            string end = Befall(deleted);
            AwaitServing(Ask(Creation()));
            AssertZero();
            foreach (string node in _cluster.StorageNodes)
            {
                _cluster.CutPower(node);
            }

            _cluster.StorageNodes.ForEach(_cluster.StartStorage);
            RestartGateway();
            AwaitServing(Ask(new AwaitVolume(SimulatedCluster.Volume)));
            AssertZero();
            Assert.Empty(_cluster.Violations);
            Assert.True(_cluster.Store.Entries.Count == 1, $"seed {_seed}: the store remembers too much");
            return end;
        }

        private string Befall(AnswerBox deleted)
        {
            if (_mishap is Mishap.GatewayAndNodeDie or Mishap.NodeRestarts or Mishap.NodeStaysAway)
            {
                _cluster.CutPower("node2");
            }

            if (_mishap is Mishap.GatewayDies or Mishap.GatewayAndNodeDie)
            {
                RestartGateway();
            }

            if (_mishap is Mishap.GatewayAndNodeDie or Mishap.NodeRestarts)
            {
                _cluster.StartStorage("node2");
            }

            string end;
            if (_mishap is Mishap.GatewayDies or Mishap.GatewayAndNodeDie)
            {
                end = AfterRestart(deleted.Answer);
            }
            else
            {
                Await(deleted);
                IReadOnlyList<string> leftOn = Assert.IsType<VolumeDeleted>(deleted.Answer).LeftOn;
                end = leftOn.Count == 0 ? "deleted" : $"left on {string.Join(", ", leftOn)}";
                Assert.True(end is "deleted" or "left on node2", $"seed {_seed}: {end}");
            }

            if (_mishap == Mishap.NodeStaysAway)
            {
                _cluster.StartStorage("node2");
            }

            return end;
        }

        /// <summary>A volume that is still there has everything, and can be deleted as any other.</summary>
        private string AfterRestart(object? answered)
        {
            object answer = Ask(new AwaitVolume(SimulatedCluster.Volume));
            if (answer is AdminRefused)
            {
                return "gone";
            }

            Assert.True(answered is not VolumeDeleted, $"seed {_seed}: a deleted volume is back");
            AwaitServing(answer);
            for (int sector = 0; sector < WrittenSectors; sector++)
            {
                byte[] bytes = Read(Islands.OffsetOf(sector), Islands.SectorBytes);
                Assert.Equal(_written, SectorContent.Decode(sector, bytes));
            }

            Assert.IsType<VolumeDeleted>(Ask(new DeleteVolume(SimulatedCluster.Volume)));
            return "whole";
        }

        private void RestartGateway()
        {
            _cluster.Kill("gateway");
            _world.RunFor(2 * SimulatedCluster.StoreLatencyMax);
            _cluster.StartGateway("gateway");
        }

        private void Write()
        {
            SimulatedClient client = new(_cluster, new ClientTally(), "client", durableWrites: false);
            _written = _cluster.Model.NextWrite();
            Finish(client, new WriteRequest(client, 0, WrittenSectors, _written));
            Finish(client, new FlushRequest(client));
        }

        private void Finish(SimulatedClient client, ClientRequest request)
        {
            bool? ended = null;
            request.Ended = well => ended = well;
            client.Send(request);
            _world.RunUntil(() => ended is not null, TimeSpan.FromSeconds(20), $"{request} ends");
            Assert.True(ended);
        }

        private void AssertZero()
        {
            const int Length = 1 << 20;
            for (long offset = 0; offset < Islands.SizeBytes; offset += Length)
            {
                int length = (int)Math.Min(Length, Islands.SizeBytes - offset);
                Assert.True(
                    Read(offset, length).AsSpan().IndexOfAnyExcept((byte)0) < 0,
                    $"seed {_seed}: the new volume has something of the old one within 1 MiB of {offset}");
            }

            foreach (string node in _cluster.StorageNodes)
            {
                for (int sector = 0; sector < WrittenSectors; sector++)
                {
                    long word = _cluster.Disks[node].PeekWord(
                        SimulatedCluster.DataPath, Islands.OffsetOf(sector), durableOnly: false);
                    Assert.True(word == 0, $"seed {_seed}: {node} has write {word} in sector {sector}");
                }
            }
        }

        private byte[] Read(long offset, int length)
        {
            AnswerBox box = new();
            _cluster.ExportOf("gateway")!.Volume.Tell(new ReadRange(offset, length), box);
            Await(box);
            RangeRead read = Assert.IsType<RangeRead>(box.Answer);
            byte[] bytes = read.Data.Span.ToArray();
            read.Data.Release();
            return bytes;
        }

        private void AwaitServing(object answer)
        {
            VolumeReady ready = answer as VolumeReady ?? throw _world.Failure($"{answer}");
            Assert.True(
                ready.Status.Condition is VolumeCondition.Healthy or VolumeCondition.Degraded,
                $"seed {_seed}: {ready.Status.Reason}");
        }

        private object Ask(object command)
        {
            AnswerBox box = new();
            _cluster.EntryOf("gateway").Tell(command, box);
            Await(box);
            return box.Answer!;
        }

        private void Await(AnswerBox box) =>
            _world.RunUntil(() => box.Answer is not null, TimeSpan.FromSeconds(60), "a command is answered");

        private static CreateVolume Creation() => new(
            SimulatedCluster.Volume,
            Islands.SizeBytes,
            Nodes: null,
            new VolumeOptions { Threshold = 2, RewriteCorrupted = true });
    }
}
