namespace Replication.Gateway.Nbd.Transmission;

/// <summary>
/// A number of requests, and the bytes that they hold. Both fit one number, so that they change at once.
/// </summary>
/// <param name="Count">Requests, less than 2^19.</param>
/// <param name="Bytes">Bytes, less than 2^44.</param>
internal readonly record struct Room(int Count, long Bytes)
{
    private const int CountShift = 44;
    private const long BytesMask = (1L << CountShift) - 1;

    /// <summary>Both in one number: sums and differences of such numbers are those of the rooms.</summary>
    internal long Packed => ((long)Count << CountShift) + Bytes;

    internal bool IsNothing => Count == 0 && Bytes == 0;

    public static Room operator +(Room one, Room other) =>
        new(one.Count + other.Count, one.Bytes + other.Bytes);

    public static Room operator -(Room one, Room other) =>
        new(one.Count - other.Count, one.Bytes - other.Bytes);

    /// <summary>What <see cref="Packed"/> was made of; a number below 0 has a count below 0.</summary>
    internal static Room Of(long packed) => new((int)(packed >> CountShift), packed & BytesMask);

    /// <summary>The larger of each.</summary>
    internal static Room Max(Room one, Room other) =>
        new(Math.Max(one.Count, other.Count), Math.Max(one.Bytes, other.Bytes));

    /// <summary>What is more than <paramref name="other"/> has, of each.</summary>
    internal Room Beyond(Room other) => Max(this - other, default);

    internal bool FitsIn(Room other) => Count <= other.Count && Bytes <= other.Bytes;
}
