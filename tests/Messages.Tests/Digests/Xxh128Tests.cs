using Replication.Messages.Digests;

namespace Replication.Messages.Tests.Digests;

public sealed class Xxh128Tests
{
    public const string HashOfPattern4096 = "a06ffa1b365e8adbf277e5ffd8719798";

    // What xxh128sum 0.8.1 prints for TestData.Pattern, on both sides of each change of method.
    [Theory]
    [InlineData(0, "99aa06d3014798d86001c324468d497f")]
    [InlineData(1, "a6cd5e9392000f6ac44bdff4074eecdb")]
    [InlineData(3, "c925ae1797c3998f6811538b444fc6dc")]
    [InlineData(4, "6ae518c60df23fcadb9cecd5eb59a7f1")]
    [InlineData(8, "63f350efc0ba3e2e5b3f49d0f38f9d7d")]
    [InlineData(9, "83c871b1014e6f76d8a20b5b7aa68a37")]
    [InlineData(16, "248181305d3c1039adebb1d9d080b69c")]
    [InlineData(17, "825a0db7d0afe2c0cfea252f6b7ed7e9")]
    [InlineData(128, "08df79f520370b525cfea347ea4bb687")]
    [InlineData(129, "fc1d02037be48a62821740ece8839b64")]
    [InlineData(240, "8406fbd017acdf4e687f00a7f64e46db")]
    [InlineData(241, "d894c74b1b3ea28f44dbd3180a664e27")]
    [InlineData(1024, "b8c0e3eef73574e67b3d0d5804231abc")]
    [InlineData(1025, "75f34330cbddd562863f46356e79e544")]
    [InlineData(4096, HashOfPattern4096)]
    [InlineData(1048576, "8e85520ed71a8dcbf5dc59add6cbaf4d")]
    public void Known_inputs_have_their_known_hashes(int lengthBytes, string expected) =>
        Assert.Equal(expected, Print(TestData.Pattern(lengthBytes)));

    [Fact]
    public void Every_length_up_to_4096_hashes_as_xxh128sum_does()
    {
        // Each length starts elsewhere, so that no input is the beginning of another.
        byte[] random = TestData.Random(seed: 1, 3 * 4096);
        AssertAsXxhsum([.. Enumerable.Range(0, 4097).Select(length => Part(random, 2 * length, length))]);
    }

    [Fact]
    public void Large_random_inputs_hash_as_xxh128sum_does()
    {
        byte[] random = TestData.Random(seed: 2, (5 << 20) + 13);
        AssertAsXxhsum(
        [
            random.AsMemory(0, 65536), random.AsMemory(1, 65537), random.AsMemory(7, 1 << 20),
            random.AsMemory(0, (1 << 20) - 1), random.AsMemory(31, 3_141_592), random,
        ]);
    }

    [Fact]
    public void Inputs_of_one_repeated_byte_hash_as_xxh128sum_does()
    {
        byte[] zeros = new byte[4096];
        byte[] ones = new byte[4096];
        Array.Fill(ones, byte.MaxValue);
        AssertAsXxhsum(
        [
            .. new[] { 1, 7, 13, 100, 200, 512, 1024, 4096 }
                .SelectMany(length => new[] { Part(zeros, 0, length), Part(ones, 0, length) }),
        ]);
    }

    [Fact]
    public void The_place_of_a_buffer_in_memory_does_not_change_its_hash()
    {
        byte[] data = TestData.Random(seed: 3, 1500);
        byte[] room = new byte[1500 + 64];
        for (int start = 0; start < 64; start++)
        {
            room.AsSpan().Fill((byte)start);
            data.CopyTo(room, start);
            Assert.Equal(Xxh128.Hash(data), Xxh128.Hash(room.AsSpan(start, data.Length)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(12)]
    [InlineData(70)]
    [InlineData(200)]
    [InlineData(512)]
    [InlineData(1100)]
    public void Each_flipped_bit_changes_both_halves_of_the_hash(int lengthBytes)
    {
        byte[] data = TestData.Random(seed: lengthBytes, lengthBytes);
        UInt128 before = Xxh128.Hash(data);
        var seen = new HashSet<UInt128> { before };
        for (int bit = 0; bit < lengthBytes * 8; bit++)
        {
            data[bit / 8] ^= (byte)(1 << (bit % 8));
            UInt128 after = Xxh128.Hash(data);
            data[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(seen.Add(after), $"Bit {bit} gives a hash that another input has.");
            Assert.NotEqual((ulong)before, (ulong)after);
            Assert.NotEqual((ulong)(before >> 64), (ulong)(after >> 64));
        }
    }

    [Fact]
    public void Chunks_that_trade_places_change_the_hash()
    {
        byte[] data = TestData.Random(seed: 4, 4096);
        UInt128 before = Xxh128.Hash(data);
        for (int chunkBytes = 8; chunkBytes <= 2048; chunkBytes *= 2)
        {
            byte[] traded = (byte[])data.Clone();
            data.AsSpan(0, chunkBytes).CopyTo(traded.AsSpan(chunkBytes));
            data.AsSpan(chunkBytes, chunkBytes).CopyTo(traded);
            Assert.NotEqual(before, Xxh128.Hash(traded));
        }
    }

    [Fact]
    public void Zeros_of_different_lengths_have_different_hashes()
    {
        byte[] zeros = new byte[4096];
        var seen = new HashSet<UInt128>();
        for (int length = 0; length <= zeros.Length; length++)
        {
            Assert.True(seen.Add(Xxh128.Hash(zeros.AsSpan(0, length))), $"{length} zeros hash as fewer do.");
        }
    }

    private static void AssertAsXxhsum(IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        IReadOnlyList<string> expected = Xxhsum.HashAll(buffers);
        for (int index = 0; index < buffers.Count; index++)
        {
            string actual = Print(buffers[index].Span);
            Assert.True(
                expected[index] == actual,
                $"{buffers[index].Length} bytes: xxh128sum {expected[index]}, here {actual}.");
        }
    }

    private static ReadOnlyMemory<byte> Part(byte[] data, int start, int lengthBytes) =>
        data.AsMemory(start, lengthBytes);

    private static string Print(ReadOnlySpan<byte> data) => Xxh128.Hash(data).ToString("x32");
}
