using Replication.Messages.Digests;
using Replication.Messages.Digests.Xxh3;

namespace Replication.Messages.Tests.Digests;

/// <summary>
/// Every width of register this processor has gives the hash the scalar code gives. On a processor without a
/// width that width's check has nothing to run, so the scalar one is compared with xxh128sum as well.
/// </summary>
public sealed class LanesTests
{
    private const int ShortestBytes = ShortInput.LengthMaxBytes + 1;

    private delegate UInt128 Hasher(ReadOnlySpan<byte> data);

    [Fact]
    public void Lanes_of_512_bits_give_the_scalar_hash() =>
        AssertEqualsScalar(Lanes512.IsSupported, LongInput.Hash<Lanes512>);

    [Fact]
    public void Lanes_of_256_bits_give_the_scalar_hash() =>
        AssertEqualsScalar(Lanes256.IsSupported, LongInput.Hash<Lanes256>);

    [Fact]
    public void Lanes_of_128_bits_give_the_scalar_hash() =>
        AssertEqualsScalar(Lanes128.IsSupported, LongInput.Hash<Lanes128>);

    [Fact]
    public void The_scalar_hash_is_what_xxh128sum_prints()
    {
        byte[] random = TestData.Random(seed: 11, 1 << 20);
        List<ReadOnlyMemory<byte>> buffers =
            [random, .. LongLengths().Select(length => random.AsMemory(0, length))];
        IReadOnlyList<string> expected = Xxhsum.HashAll(buffers);
        for (int index = 0; index < buffers.Count; index++)
        {
            UInt128 hash = LongInput.Hash<ScalarLanes>(buffers[index].Span);
            Assert.Equal(expected[index], hash.ToString("x32"));
        }
    }

    [Fact]
    public void The_public_hash_of_a_long_input_is_the_scalar_one()
    {
        byte[] random = TestData.Random(seed: 12, 100_000);
        Assert.Equal(LongInput.Hash<ScalarLanes>(random), Xxh128.Hash(random));
    }

    [Fact]
    public void The_unchecked_loops_refuse_an_input_they_would_read_past() =>
        Assert.Throws<ArgumentException>(() => LongInput.Hash<ScalarLanes>(new byte[ShortestBytes - 1]));

    private static IEnumerable<int> LongLengths() => Enumerable.Range(ShortestBytes, 2200 - ShortestBytes);

    private static void AssertEqualsScalar(bool isSupported, Hasher hash)
    {
        if (!isSupported)
        {
            return;
        }

        // Another start for each length, so that every alignment is met.
        byte[] random = TestData.Random(seed: 13, 1 << 20);
        foreach (int length in LongLengths())
        {
            ReadOnlySpan<byte> data = random.AsSpan(length % 67, length);
            Assert.Equal(LongInput.Hash<ScalarLanes>(data), hash(data));
        }

        Assert.Equal(LongInput.Hash<ScalarLanes>(random), hash(random));
        Assert.Equal(LongInput.Hash<ScalarLanes>(random.AsSpan(3, 777_777)), hash(random.AsSpan(3, 777_777)));
    }
}
