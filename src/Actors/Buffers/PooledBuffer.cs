using System.Buffers;

namespace Replication.Actors.Buffers;

/// <summary>
/// A payload that several holders share without a copy. It starts with one reference; each message that
/// carries it owns one, and whoever consumes the message releases it. The last release returns the memory to
/// the pool. A holder that is lost (a dead letter) costs only the return: the garbage collector has the
/// memory then.
/// </summary>
public sealed class PooledBuffer
{
    /// <summary>Longest array that is pooled: the largest payload fits; longer ones are collected.</summary>
    private const int PooledLengthMaxBytes = 64 << 20;

    /// <summary>Longest array of which many are kept.</summary>
    private const int SmallLengthMaxBytes = 1 << 20;

    /// <summary>
    /// Arrays of each power of two that are kept; further ones are collected. Few large ones, for together
    /// they are what the process never gives back: 630 MiB at most.
    /// </summary>
    private const int SmallPerSizeMax = 64;

    private const int LargePerSizeMax = 4;

    private static readonly ArrayPool<byte> Small =
        ArrayPool<byte>.Create(SmallLengthMaxBytes, SmallPerSizeMax);

    private static readonly ArrayPool<byte> Large =
        ArrayPool<byte>.Create(PooledLengthMaxBytes, LargePerSizeMax);

    private readonly int _length;
    private byte[]? _array;
    private int _references = 1;

    private PooledBuffer(byte[] array, int lengthBytes)
    {
        _array = array;
        _length = lengthBytes;
    }

    /// <summary>Bytes of payload.</summary>
    public int LengthBytes => _length;

    /// <summary>The payload. Written by its first owner only, before it is shared.</summary>
    public Memory<byte> Memory => Array.AsMemory(0, _length);

    /// <summary>The payload as a span.</summary>
    public Span<byte> Span => Array.AsSpan(0, _length);

    /// <summary>The payload for a gather write.</summary>
    internal ArraySegment<byte> Segment => new(Array, 0, _length);

    private byte[] Array =>
        Volatile.Read(ref _array) ?? throw new InvalidOperationException(
            "the buffer was used after its last release");

    /// <summary>Takes a buffer of exactly that length; what it holds is undefined.</summary>
    public static PooledBuffer Rent(int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        return new PooledBuffer(PoolOf(lengthBytes).Rent(lengthBytes), lengthBytes);
    }

    /// <summary>A buffer with a copy of <paramref name="content"/>.</summary>
    public static PooledBuffer CopyOf(ReadOnlySpan<byte> content)
    {
        PooledBuffer buffer = Rent(content.Length);
        content.CopyTo(buffer.Span);
        return buffer;
    }

    /// <summary>Adds a reference and returns this, to be given away.</summary>
    /// <exception cref="InvalidOperationException">The last reference is already gone.</exception>
    public PooledBuffer Retain()
    {
        if (Interlocked.Increment(ref _references) <= 1)
        {
            throw new InvalidOperationException("the buffer was retained after its last release");
        }

        return this;
    }

    /// <summary>Gives one reference back.</summary>
    /// <exception cref="InvalidOperationException">It was released more often than retained.</exception>
    public void Release()
    {
        int left = Interlocked.Decrement(ref _references);
        if (left < 0)
        {
            throw new InvalidOperationException("the buffer was released more often than it was retained");
        }

        if (left == 0)
        {
            byte[] array = Interlocked.Exchange(ref _array, null)!;
            PoolOf(array.Length).Return(array);
        }
    }

    private static ArrayPool<byte> PoolOf(int lengthBytes) =>
        lengthBytes <= SmallLengthMaxBytes ? Small : Large;
}
