using Replication.Messages.Digests;

namespace Replication.Messages.Tests.Digests;

public sealed class Checksum64Tests
{
    [Fact]
    public void The_checksum_is_the_low_half_of_the_hash()
    {
        byte[] page = TestData.Random(seed: 21, 4096);
        Assert.Equal(Xxh128.Hash(page).ToString("x32")[16..], Checksum64.Compute(page).ToString("x16"));
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(4096 - Checksum64.LengthBytes)]
    public void A_page_of_zeros_has_no_checksum_of_zero(int lengthBytes) =>
        Assert.NotEqual(0UL, Checksum64.Compute(new byte[lengthBytes]));

    [Fact]
    public void A_page_torn_between_two_versions_fails_both_checksums()
    {
        byte[] older = TestData.Random(seed: 22, 4096);
        byte[] newer = TestData.Random(seed: 23, 4096);
        for (int sectorBytes = 512; sectorBytes < 4096; sectorBytes += 512)
        {
            byte[] torn = [.. newer.AsSpan(0, sectorBytes), .. older.AsSpan(sectorBytes)];
            Assert.NotEqual(Checksum64.Compute(older), Checksum64.Compute(torn));
            Assert.NotEqual(Checksum64.Compute(newer), Checksum64.Compute(torn));
        }
    }
}
