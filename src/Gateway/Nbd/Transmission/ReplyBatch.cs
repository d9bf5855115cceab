using System.Buffers;
using System.Runtime.InteropServices;
using Replication.Actors.Buffers;

namespace Replication.Gateway.Nbd.Transmission;

/// <summary>
/// What goes out in one send: headers and small payloads side by side in an arena, large payloads where they
/// lie. The arena is rented while there is something to send. One thread at a time.
/// </summary>
internal sealed class ReplyBatch
{
    /// <summary>
    /// Payloads up to this length are copied: a copy costs less than pinning one more piece.
    /// </summary>
    internal const int CopyMaxBytes = 8 << 10;

    private const int ArenaBytes = 128 << 10;
    private const int SegmentsMax = 64;
    private const int ReferencedMaxBytes = 4 << 20;

    // One reference adds up to three: the arena in front of it, itself, and the arena behind it.
    private const int SegmentsPerReference = 3;

    private readonly List<ArraySegment<byte>> _segments = new(SegmentsMax);
    private byte[]? _arena;
    private int _arenaUsed;
    private int _arenaClosed;
    private int _referencedBytes;

    /// <summary>The pieces, in order; complete after <see cref="Close"/>.</summary>
    internal List<ArraySegment<byte>> Segments => _segments;

    /// <summary>True when nothing was added.</summary>
    internal bool IsEmpty => _arenaUsed == 0 && _segments.Count == 0;

    /// <summary>
    /// True when that much fits: <paramref name="copiedBytes"/> in the arena and, if asked, one reference.
    /// </summary>
    internal bool HasRoom(int copiedBytes, bool reference) =>
        _arenaUsed + copiedBytes <= ArenaBytes
        && (!reference || (_segments.Count + SegmentsPerReference <= SegmentsMax
            && _referencedBytes < ReferencedMaxBytes));

    /// <summary>The next bytes of the arena, to be filled by the caller, who has asked for room.</summary>
    internal Span<byte> Reserve(int count)
    {
        _arena ??= ArrayPool<byte>.Shared.Rent(ArenaBytes);
        Span<byte> reserved = _arena.AsSpan(_arenaUsed, count);
        _arenaUsed += count;
        return reserved;
    }

    /// <summary>
    /// Adds a piece of payload where it lies; the caller keeps it alive until the batch is sent.
    /// </summary>
    internal void Reference(PooledBuffer payload, int offsetBytes, int lengthBytes)
    {
        if (!MemoryMarshal.TryGetArray<byte>(
            payload.Memory.Slice(offsetBytes, lengthBytes), out ArraySegment<byte> at))
        {
            throw new InvalidOperationException("a pooled buffer is made of an array");
        }

        CloseArenaSegment();
        _segments.Add(at);
        _referencedBytes += lengthBytes;
    }

    /// <summary>Ends the batch: <see cref="Segments"/> is complete.</summary>
    internal void Close() => CloseArenaSegment();

    /// <summary>Drops the first bytes of the segments: they are sent.</summary>
    internal void Advance(int sentBytes)
    {
        int whole = 0;
        while (whole < _segments.Count && sentBytes >= _segments[whole].Count)
        {
            sentBytes -= _segments[whole].Count;
            whole++;
        }

        _segments.RemoveRange(0, whole);
        if (sentBytes > 0)
        {
            _segments[0] = _segments[0][sentBytes..];
        }
    }

    /// <summary>Makes it empty; the arena stays for the next batch.</summary>
    internal void Clear()
    {
        _segments.Clear();
        _arenaUsed = 0;
        _arenaClosed = 0;
        _referencedBytes = 0;
    }

    /// <summary>Gives the arena back; the batch is empty.</summary>
    internal void ReturnArena()
    {
        if (_arena is { } arena)
        {
            _arena = null;
            ArrayPool<byte>.Shared.Return(arena);
        }
    }

    private void CloseArenaSegment()
    {
        if (_arenaUsed > _arenaClosed)
        {
            _segments.Add(new ArraySegment<byte>(_arena!, _arenaClosed, _arenaUsed - _arenaClosed));
            _arenaClosed = _arenaUsed;
        }
    }
}
