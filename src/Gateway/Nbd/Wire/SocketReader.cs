using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Replication.Gateway.Nbd.Transmission;

namespace Replication.Gateway.Nbd.Wire;

/// <summary>
/// The receiving half of a connection: one receive brings many small requests, and what is larger goes
/// straight to where it is to lie. The window starts small, so that idle connections cost little, and grows
/// while receives fill it. After some receives that did not have to wait, the caller goes on in the pool: the
/// thread it leaves may be the only one that polls sockets, and a client that never pauses would keep it from
/// all others. One thread at a time.
/// </summary>
internal sealed class SocketReader(Socket socket) : IDisposable
{
    private const int WindowStartBytes = 4 << 10;
    private const int WindowMaxBytes = 64 << 10;

    /// <summary>Receives in a row that have what they bring at once; then it is another's turn.</summary>
    internal const int ReceivesAtOnceMax = 32;

    private byte[]? _window = ArrayPool<byte>.Shared.Rent(WindowStartBytes);
    private int _start;
    private int _end;
    private bool _largeMayFollow;
    private int _receivedAtOnce;

    /// <summary>What has been received and not consumed. Valid until the next receive.</summary>
    internal ReadOnlySpan<byte> Available => Window.AsSpan(_start, _end - _start);

    /// <summary>Bytes that a receive would bring without waiting.</summary>
    internal int WaitingBytes => socket.Available;

    private byte[] Window => _window ?? throw new ObjectDisposedException(nameof(SocketReader));

    /// <summary>Marks the first bytes of <see cref="Available"/> as used.</summary>
    internal void Consume(int count)
    {
        if (count < 0 || count > _end - _start)
        {
            throw new InvalidOperationException($"{count} bytes consumed of {_end - _start} available");
        }

        _start += count;
        if (_start == _end)
        {
            _start = 0;
            _end = 0;
        }
    }

    /// <summary>
    /// Moves up to that many available bytes to <paramref name="target"/>; returns how many.
    /// </summary>
    internal int Take(Span<byte> target)
    {
        int count = Math.Min(target.Length, _end - _start);
        Window.AsSpan(_start, count).CopyTo(target);
        Consume(count);
        return count;
    }

    /// <summary>
    /// Fills <paramref name="payload"/> with what is available; returns how much that is. After a large
    /// payload the next one is likely to be as large, and what the window has of it must be copied: the next
    /// receive asks for little.
    /// </summary>
    internal int TakePayload(Span<byte> payload)
    {
        _largeMayFollow = payload.Length >= WindowMaxBytes / 2;
        return Take(payload);
    }

    /// <summary>
    /// Receives until at least <paramref name="count"/> bytes are available; false at the end of the stream.
    /// </summary>
    /// <param name="count">At most the smallest window, 4 KiB.</param>
    /// <param name="stop">Ends the waiting with an OperationCanceledException; what was received stays
    /// available.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<bool> WaitForAsync(int count, CancellationToken stop)
    {
        while (_end - _start < count)
        {
            MakeRoom(count);
            int room = Window.Length - _end;
            int asked = _largeMayFollow ? Math.Min(room, WindowStartBytes) : room;
            ValueTask<int> receiving =
                socket.ReceiveAsync(Window.AsMemory(_end, asked), SocketFlags.None, stop);
            bool isAtOnce = receiving.IsCompleted;
            int received = await receiving;
            if (received == 0)
            {
                return false;
            }

            _largeMayFollow = false;
            _end += received;
            if (received == room)
            {
                Grow();
            }

            if (MustLeaveAfter(isAtOnce))
            {
                await Task.Yield();
            }
        }

        return true;
    }

    /// <summary>Fills the target, from the window first; false when the stream ended before.</summary>
    internal ValueTask<bool> ReadAsync(Memory<byte> target, CancellationToken stop) =>
        ReadAsync(target, progress: null, stop);

    /// <summary>The same; each receive is told to <paramref name="progress"/>.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<bool> ReadAsync(
        Memory<byte> target, ClientProgress? progress, CancellationToken stop)
    {
        int filled = Take(target.Span);
        while (filled < target.Length)
        {
            ValueTask<int> receiving = socket.ReceiveAsync(target[filled..], SocketFlags.None, stop);
            bool isAtOnce = receiving.IsCompleted;
            int received = await receiving;
            if (received == 0)
            {
                return false;
            }

            progress?.AddReceived(received);
            filled += received;
            if (MustLeaveAfter(isAtOnce))
            {
                await Task.Yield();
            }
        }

        return true;
    }

    /// <summary>Drops that many bytes of the stream; false when it ended before.</summary>
    internal async ValueTask<bool> SkipAsync(long count, CancellationToken stop)
    {
        while (true)
        {
            int available = (int)Math.Min(count, _end - _start);
            Consume(available);
            count -= available;
            if (count == 0)
            {
                return true;
            }

            if (!await WaitForAsync(1, stop))
            {
                return false;
            }
        }
    }

    /// <summary>Returns the window; no receive may be under way.</summary>
    public void Dispose()
    {
        byte[]? window = _window;
        _window = null;
        if (window is not null)
        {
            ArrayPool<byte>.Shared.Return(window);
        }
    }

    private bool MustLeaveAfter(bool isAtOnce)
    {
        _receivedAtOnce = isAtOnce ? _receivedAtOnce + 1 : 0;
        if (_receivedAtOnce < ReceivesAtOnceMax)
        {
            return false;
        }

        _receivedAtOnce = 0;
        return true;
    }

    private void MakeRoom(int count)
    {
        if (_start > 0 && Window.Length - _start < Math.Max(count, Window.Length / 2))
        {
            Window.AsSpan(_start, _end - _start).CopyTo(Window);
            _end -= _start;
            _start = 0;
        }
    }

    private void Grow()
    {
        if (Window.Length >= WindowMaxBytes)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Window.Length * 4);
        Available.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(Window);
        _window = larger;
        _end -= _start;
        _start = 0;
    }
}
