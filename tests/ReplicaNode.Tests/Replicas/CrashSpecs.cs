using Replication.Messages;
using Replication.TestKit.Simulation.Disks;

namespace Replication.ReplicaNode.Tests.Replicas;

/// <summary>Crashes at any moment of a seeded workload: what was flushed is there, and
/// nothing from nowhere.</summary>
public sealed class CrashSpecs
{
    [Theory]
    [InlineData(1, 30)]
    public void What_was_flushed_survives_and_every_sector_was_once_written(int seedFirst, int seedCount)
    {
        for (int seed = seedFirst; seed < seedFirst + seedCount; seed++)
        {
            new Story((ulong)seed).Run();
        }
    }

    private sealed class Story(ulong seed) : ReplicaSpec(seed)
    {
        private const int BlockCount = 24;
        private const int BlockBytes = 4096;
        private const int SectorBytes = 512;

        private Random _random = null!;

        // Of each block: versions that a crash may leave, the oldest of them the last flushed one.
        private readonly List<int>[] _possible =
            [.. Enumerable.Range(0, BlockCount).Select(_ => new List<int> { 0 })];

        private int _lastVersion;

        public void Run()
        {
            _random = new Random((int)World.Seed);
            Create();
            for (uint life = 1; life <= 4; life++)
            {
                Open(epoch: life);
                Check();
                Work(_random.Next(1, 40));
                Restart((DiskCrashPolicy)_random.Next(3));
                while (Probe.WaitingCount > 0)
                {
                    ReceiveOne();
                }
            }

            Open(epoch: 9);
            Check();
        }

        private static byte[] Content(int block, int version) =>
            version == 0 ? new byte[BlockBytes] : Noise((block * 100_000) + version, BlockBytes);

        private static long OffsetOf(int block) =>
            block * (ReplicaSpec.Size / BlockCount / BlockBytes) * BlockBytes;

        private void Work(int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                int block = _random.Next(BlockCount);
                if (_random.Next(5) == 0)
                {
                    Flush((ulong)_lastVersion);
                    foreach (List<int> versions in _possible)
                    {
                        versions.RemoveRange(0, versions.Count - 1);
                    }
                }
                else
                {
                    bool fua = _random.Next(5) == 0;
                    _possible[block].Add(++_lastVersion);
                    Write(OffsetOf(block), Content(block, _lastVersion), (ulong)_lastVersion, fua);
                    if (fua)
                    {
                        _possible[block].RemoveRange(0, _possible[block].Count - 1);
                    }
                }
            }

            // The crash meets requests under way.
            int last = _random.Next(BlockCount);
            _possible[last].Add(++_lastVersion);
            SendWrite(OffsetOf(last), Content(last, _lastVersion), (ulong)_lastVersion, _random.Next(2) == 0);
            SendFlush();
            Advance(TimeSpan.FromMicroseconds(_random.Next(6000)));
        }

        private void Check()
        {
            for (int block = 0; block < BlockCount; block++)
            {
                byte[] found = Read(OffsetOf(block), BlockBytes);
                for (int at = 0; at < BlockBytes; at += SectorBytes)
                {
                    Assert.True(
                        _possible[block].Exists(version => found.AsSpan(at, SectorBytes).SequenceEqual(
                            Content(block, version).AsSpan(at, SectorBytes))),
                        $"seed {World.Seed}: block {block} holds what it cannot at {at}");
                }

                // From here on the block is what it is: written back whole, as an owner's reconcile would.
                _possible[block].Add(++_lastVersion);
                Write(OffsetOf(block), Content(block, _lastVersion), (ulong)_lastVersion, fua: true);
                _possible[block] = [_lastVersion];
            }
        }
    }
}
