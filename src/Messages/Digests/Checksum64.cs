namespace Replication.Messages.Digests;

/// <summary>
/// The checksum of sidecar and journal pages: the low 64 bits of <see cref="Xxh128"/> over the page (what
/// <c>xxh128sum</c> prints last, the final 16 hexadecimal digits). It finds torn and rotten pages, not forged
/// ones.
/// </summary>
public static class Checksum64
{
    /// <summary>
    /// The length of a stored checksum, in bytes. Those who store it choose the byte order.
    /// </summary>
    public const int LengthBytes = sizeof(ulong);

    /// <summary>
    /// The checksum of <paramref name="data"/>, which may be empty. Not zero for a page of 512 or 4096 zeros,
    /// so a page that was never written fails its check. Allocates nothing; any thread.
    /// </summary>
    public static ulong Compute(ReadOnlySpan<byte> data) => (ulong)Xxh128.Hash(data);
}
