using System.Runtime.InteropServices;
using Replication.Model.State;

namespace Replication.Model.Search;

/// <summary>
/// States in the order in which they were found, in chunks that are dropped as they are taken. Most bytes of
/// a state are zero, so it is kept as a bit for each byte and the bytes that are not.
/// </summary>
internal sealed class StateQueue
{
    private const int ChunkSize = 1 << 20;
    private static readonly int WorldSize = Marshal.SizeOf<World>();
    private static readonly int MaskSize = (WorldSize + 7) / 8;
    private readonly Queue<byte[]> _chunks = new();
    private byte[]? _last;
    private int _endOfLast = ChunkSize;
    private int _takenOfFirst;

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one at the end.</summary>
    public void Add(ref World world)
    {
        if (_last == null || _endOfLast + MaskSize + WorldSize > ChunkSize)
        {
            _last = new byte[ChunkSize];
            _chunks.Enqueue(_last);
            _endOfLast = 0;
        }

        var bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref world, 1));
        var mask = _last.AsSpan(_endOfLast, MaskSize);
        var at = _endOfLast + MaskSize;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != 0)
            {
                mask[i >> 3] |= (byte)(1 << (i & 7));
                _last[at++] = bytes[i];
            }
        }

        _endOfLast = at;
        Count++;
    }

    /// <summary>Takes the oldest; there must be one.</summary>
    public World Take()
    {
        var first = _chunks.Peek();
        if (_takenOfFirst + MaskSize + WorldSize > ChunkSize)
        {
            _chunks.Dequeue();
            first = _chunks.Peek();
            _takenOfFirst = 0;
        }

        var world = default(World);
        var bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref world, 1));
        var mask = first.AsSpan(_takenOfFirst, MaskSize);
        var at = _takenOfFirst + MaskSize;
        for (var group = 0; group < mask.Length; group++)
        {
            for (int bits = mask[group]; bits != 0; bits &= bits - 1)
            {
                bytes[(group * 8) + System.Numerics.BitOperations.TrailingZeroCount(bits)] = first[at++];
            }
        }

        _takenOfFirst = at;
        Count--;
        return world;
    }
}
