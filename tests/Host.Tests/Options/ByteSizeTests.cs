using FsCheck;
using FsCheck.Fluent;
using Replication.Host.Options;

namespace Replication.Host.Tests.Options;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("4096", 4096)]
    [InlineData("512B", 512)]
    [InlineData("1K", 1024)]
    [InlineData("1KiB", 1024)]
    [InlineData("1kib", 1024)]
    [InlineData("512MiB", 512L << 20)]
    [InlineData("1G", 1L << 30)]
    [InlineData("1.5GiB", 3L << 29)]
    [InlineData("2TiB", 2L << 40)]
    [InlineData("1PiB", 1L << 50)]
    [InlineData("7E", 7L << 60)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void A_size_is_a_number_with_a_unit_of_powers_of_1024(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out long parsed, out _));
        Assert.Equal(bytes, parsed);
    }

    [Theory]
    [InlineData("", "'' is no size: write a number and a unit, as in 1GiB, 512MiB or 4096")]
    [InlineData("GiB", "'GiB' is no size: write a number and a unit, as in 1GiB, 512MiB or 4096")]
    [InlineData("-1G", "'-1G' is no size: write a number and a unit, as in 1GiB, 512MiB or 4096")]
    [InlineData("1.2.3G", "'1.2.3G' is no size: write a number and a unit, as in 1GiB, 512MiB or 4096")]
    [InlineData(
        "1GB", "'1GB' could mean powers of 1000 or of 1024: write 1GiB for 1024, or plain bytes")]
    [InlineData(
        "1 GiB", "' GiB' is no unit of size: KiB, MiB, GiB, TiB, PiB and EiB are, and K, M, G, T, P and E")]
    [InlineData(
        "1Z", "'Z' is no unit of size: KiB, MiB, GiB, TiB, PiB and EiB are, and K, M, G, T, P and E")]
    [InlineData("0.3K", "'0.3K' is not a whole number of bytes")]
    [InlineData("8E", "'8E' is too large: the largest size is below 8EiB")]
    [InlineData("9999999999999999999", "'9999999999999999999' is too large: the largest size is below 8EiB")]
    public void What_is_no_size_is_refused_with_what_would_be_right(string text, string error)
    {
        Assert.False(ByteSize.TryParse(text, out _, out string? said));
        Assert.Equal(error, said);
    }

    [Fact]
    public void Every_size_reads_as_it_was_written()
    {
        Gen<long> sizes =
            from shift in Gen.Choose(0, 62)
            from low in Gen.Choose(0, int.MaxValue)
            select (long)low << (shift / 2);
        Prop.ForAll(
            sizes.ToArbitrary(),
            static bytes =>
                ByteSize.TryParse(ByteSize.Format(bytes), out long parsed, out _) && parsed == bytes)
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_text_is_a_size_or_an_error_and_never_an_exception()
    {
        Prop.ForAll(
            ArbMap.Default.ArbFor<string>(),
            static text => ByteSize.TryParse(text ?? "", out long bytes, out string? error)
                ? bytes >= 0
                : error.Length > 0)
            .QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(513, "513 bytes")]
    [InlineData(1536L << 20, "1536MiB")]
    [InlineData(1L << 40, "1TiB")]
    public void In_a_sentence_plain_numbers_are_bytes(long bytes, string words)
    {
        Assert.Equal(words, ByteSize.InWords(bytes));
    }
}
