using System.Net.Sockets;
using System.Threading.Channels;

namespace Replication.Gateway.Qmp;

/// <summary>
/// The lines on their way to one client. At most one reply waits at a time, since the session does not take
/// the next request before it is sent; events wait up to <see cref="EventsMax"/> and are dropped, and
/// counted, after that.
/// </summary>
internal sealed class QmpOutbox(Socket socket)
{
    /// <summary>Most events that wait for a client that does not read.</summary>
    public const int EventsMax = 1024;

    private readonly Channel<(byte[] Line, TaskCompletionSource? Sent)> _queue =
        Channel.CreateBounded<(byte[], TaskCompletionSource?)>(
            new BoundedChannelOptions(EventsMax)
            {
                SingleReader = true,
                FullMode = BoundedChannelFullMode.Wait,
            });

    private long _dropped;

    /// <summary>Events that this client did not get.</summary>
    public long DroppedCount => Interlocked.Read(ref _dropped);

    /// <summary>Queues an event; never blocks.</summary>
    public void Offer(string eventLine)
    {
        if (!_queue.Writer.TryWrite((QmpLines.Event(eventLine), null)))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Sends a line; completes when the socket has taken it.</summary>
    public async Task SendAsync(byte[] line, CancellationToken cancellation)
    {
        TaskCompletionSource sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _queue.Writer.WriteAsync((line, sent), cancellation);
        await sent.Task.WaitAsync(cancellation);
    }

    /// <summary>Takes no more lines; <see cref="RunAsync"/> ends when those that wait are sent.</summary>
    public void Close() => _queue.Writer.TryComplete();

    /// <summary>Sends what is queued until the outbox is closed.</summary>
    /// <exception cref="SocketException">The client is gone.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await foreach ((byte[] line, TaskCompletionSource? sent) in _queue.Reader.ReadAllAsync(cancellation))
        {
            ReadOnlyMemory<byte> rest = line;
            while (!rest.IsEmpty)
            {
                rest = rest[await socket.SendAsync(rest, SocketFlags.None, cancellation)..];
            }

            sent?.TrySetResult();
        }
    }
}
