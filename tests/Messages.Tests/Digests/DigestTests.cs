using System.Security.Cryptography;
using Replication.Messages.Digests;

namespace Replication.Messages.Tests.Digests;

public sealed class DigestTests
{
    public static TheoryData<DigestKind> Kinds => new(Enum.GetValues<DigestKind>());

    [Fact]
    public void An_xxh128_digest_prints_and_writes_as_xxh128sum_prints()
    {
        Digest digest = Digest.Compute(DigestKind.Xxh128, TestData.Pattern(4096));
        Assert.Equal(Xxh128Tests.HashOfPattern4096, digest.ToString());
        Assert.Equal(Convert.FromHexString(Xxh128Tests.HashOfPattern4096), Written(digest));
    }

    [Fact]
    public void A_sha256_digest_is_the_one_of_the_platform()
    {
        byte[] data = TestData.Random(seed: 31, 5000);
        Digest digest = Digest.Compute(DigestKind.Sha256, data);
        Assert.Equal(SHA256.HashData(data), Written(digest));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(data)), digest.ToString());
    }

    [Theory]
    [InlineData(DigestKind.Xxh128, 1, 16)]
    [InlineData(DigestKind.Sha256, 2, 32)]
    public void Kinds_keep_their_number_and_length(DigestKind kind, int number, int lengthBytes)
    {
        Assert.Equal(number, (int)kind);
        Assert.Equal(lengthBytes, Digest.LengthOf(kind));
        Assert.Equal(lengthBytes, Digest.Compute(kind, []).LengthBytes);
        Assert.Equal(kind, Digest.Compute(kind, []).Kind);
        Assert.True(lengthBytes <= Digest.LengthMaxBytes);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_digest_survives_writing_and_reading(DigestKind kind)
    {
        Digest digest = Digest.Compute(kind, TestData.Random(seed: 32, 100));
        Digest read = Digest.Read(kind, Written(digest));
        Assert.Equal(digest, read);
        Assert.True(digest == read);
        Assert.False(digest != read);
        Assert.Equal(digest.GetHashCode(), read.GetHashCode());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Digests_that_differ_in_any_one_bit_are_unequal(DigestKind kind)
    {
        Digest digest = Digest.Compute(kind, [1, 2, 3]);
        for (int bit = 0; bit < digest.LengthBytes * 8; bit++)
        {
            byte[] bytes = Written(digest);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Digest other = Digest.Read(kind, bytes);
            Assert.False(digest == other);
            Assert.True(digest != other);
            Assert.False(digest.Equals(other));
            Assert.False(digest.Equals((object)other));
        }
    }

    [Fact]
    public void The_same_bytes_of_another_kind_are_another_digest()
    {
        Digest shorter = Digest.Read(DigestKind.Xxh128, new byte[16]);
        Digest longer = Digest.Read(DigestKind.Sha256, new byte[32]);
        Assert.NotEqual(shorter, longer);
        Assert.NotEqual(default, shorter);
        Assert.NotEqual(default, longer);
    }

    [Fact]
    public void The_default_has_no_kind_and_no_bytes()
    {
        Digest none = default;
        Assert.Equal(0, none.LengthBytes);
        Assert.Equal(0, none.WriteTo([]));
        Assert.Equal(string.Empty, none.ToString());
        Assert.Equal(default, none);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Writing_leaves_what_lies_behind_alone_and_refuses_too_little_room(DigestKind kind)
    {
        Digest digest = Digest.Compute(kind, [1]);
        byte[] room = new byte[digest.LengthBytes + 1];
        room[^1] = 0xA5;
        Assert.Equal(digest.LengthBytes, digest.WriteTo(room));
        Assert.Equal(0xA5, room[^1]);
        Assert.Throws<ArgumentException>(() => digest.WriteTo(new byte[digest.LengthBytes - 1]));
    }

    [Theory]
    [InlineData(DigestKind.Xxh128, 15)]
    [InlineData(DigestKind.Xxh128, 17)]
    [InlineData(DigestKind.Xxh128, 32)]
    [InlineData(DigestKind.Sha256, 16)]
    [InlineData(DigestKind.Sha256, 33)]
    public void A_digest_of_the_wrong_length_is_not_read(DigestKind kind, int lengthBytes)
    {
        Assert.Throws<ArgumentException>(() => Digest.Read(kind, new byte[lengthBytes]));
        Assert.False(Digest.TryRead(kind, new byte[lengthBytes], out Digest digest));
        Assert.Equal(default, digest);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(255)]
    public void An_unknown_kind_is_refused(byte number)
    {
        var kind = (DigestKind)number;
        Assert.False(Digest.IsKnown(kind));
        Assert.False(Digest.TryRead(kind, new byte[16], out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Digest.LengthOf(kind));
        Assert.Throws<ArgumentOutOfRangeException>(() => Digest.Read(kind, new byte[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Digest.Compute(kind, []));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Checked_reading_takes_what_was_written(DigestKind kind)
    {
        Digest digest = Digest.Compute(kind, [7]);
        Assert.True(Digest.IsKnown(kind));
        Assert.True(Digest.TryRead(kind, Written(digest), out Digest read));
        Assert.Equal(digest, read);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Computing_comparing_writing_and_reading_allocate_nothing(DigestKind kind)
    {
        byte[] data = TestData.Random(seed: 33, 4096);
        byte[] room = new byte[Digest.LengthMaxBytes];
        Assert.True(RoundTrip(kind, data, room));

        long beforeBytes = GC.GetAllocatedBytesForCurrentThread();
        bool isEqual = true;
        for (int turn = 0; turn < 100; turn++)
        {
            isEqual &= RoundTrip(kind, data, room);
        }

        long allocatedBytes = GC.GetAllocatedBytesForCurrentThread() - beforeBytes;
        Assert.True(isEqual);
        Assert.Equal(0, allocatedBytes);
    }

    private static bool RoundTrip(DigestKind kind, byte[] data, byte[] room)
    {
        Digest digest = Digest.Compute(kind, data);
        int lengthBytes = digest.WriteTo(room);
        return Digest.TryRead(kind, room.AsSpan(0, lengthBytes), out Digest read)
            && read == digest && read.Equals(digest) && read.GetHashCode() == digest.GetHashCode();
    }

    private static byte[] Written(Digest digest)
    {
        byte[] bytes = new byte[digest.LengthBytes];
        Assert.Equal(bytes.Length, digest.WriteTo(bytes));
        return bytes;
    }
}
