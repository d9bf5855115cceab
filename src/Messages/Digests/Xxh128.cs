using Replication.Messages.Digests.Xxh3;

namespace Replication.Messages.Digests;

/// <summary>
/// XXH128: the 128-bit variant of XXH3 with seed 0 and the default secret, equal to what <c>xxh128sum</c>
/// prints. Written from the specification of the algorithm by Yann Collet, doc/xxhash_spec.md in
/// https://github.com/Cyan4973/xxHash, chapter "XXH3 Algorithm Overview". It is not cryptographic: anyone can
/// make two inputs with one hash.
/// </summary>
public static class Xxh128
{
    /// <summary>
    /// The hash of <paramref name="data"/>, which may be empty. The canonical bytes are the value in
    /// big-endian order. Allocates nothing; any thread; the result is the same on every processor.
    /// </summary>
    public static UInt128 Hash(ReadOnlySpan<byte> data)
    {
        if (data.Length <= ShortInput.LengthMaxBytes)
        {
            return ShortInput.Hash(data);
        }

        // The JIT knows the answers, so one call remains.
        if (Lanes512.IsSupported)
        {
            return LongInput.Hash<Lanes512>(data);
        }

        if (Lanes256.IsSupported)
        {
            return LongInput.Hash<Lanes256>(data);
        }

        return Lanes128.IsSupported ? LongInput.Hash<Lanes128>(data) : LongInput.Hash<ScalarLanes>(data);
    }
}
