using System.Runtime.InteropServices;
using Replication.Actors.Disk;

namespace Replication.Actors.Tests.Disk;

public sealed class ErrnoTests
{
    [Fact]
    public void Every_number_of_Linux_has_the_text_of_strerror()
    {
        Assert.Equal("File too large", Errno.Text(27));
        Assert.All(
            Enumerable.Range(1, 140),
            static errno => Assert.Equal(Marshal.GetPInvokeErrorMessage(errno), Errno.Text(errno)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4096)]
    public void A_number_that_is_none_has_a_text_all_the_same(int errno) =>
        Assert.Equal($"Unknown error {errno}", Errno.Text(errno));
}
