namespace Replication.Gateway.Nbd.Transmission;

/// <summary>
/// Finds the holes of what was read: whole, aligned blocks of zeroes. The scan is vectorised.
/// </summary>
internal static class ZeroRuns
{
    /// <summary>
    /// The unit, aligned to the volume: a block that the read touches only in part counts as data.
    /// </summary>
    internal const int BlockBytes = 4096;

    /// <summary>
    /// Length of the first run of <paramref name="data"/>, and whether it is a hole or data.
    /// </summary>
    /// <param name="data">Not empty.</param>
    /// <param name="offset">Where the first byte lies in the volume.</param>
    internal static (int LengthBytes, bool IsHole) First(ReadOnlySpan<byte> data, ulong offset)
    {
        int length = 0;
        bool hole = false;
        while (length < data.Length)
        {
            int inBlock = (int)((offset + (ulong)length) % BlockBytes);
            int piece = Math.Min(BlockBytes - inBlock, data.Length - length);
            bool zero = piece == BlockBytes && !data.Slice(length, piece).ContainsAnyExcept((byte)0);
            if (length > 0 && zero != hole)
            {
                break;
            }

            hole = zero;
            length += piece;
        }

        return (length, hole);
    }
}
