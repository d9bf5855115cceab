using System.Threading.Channels;
using Replication.Gateway.Events;
using Replication.Host.Output;

namespace Replication.Host.Demo;

/// <summary>
/// Prints events as they happen. A reader that does not keep up misses some, and is told how many; nothing
/// else ever waits for it.
/// </summary>
internal sealed class EventPrinter : IAsyncDisposable
{
    /// <summary>Most events that wait to be printed.</summary>
    public const int QueueMax = 4096;

    private readonly Channel<string> _queue = Channel.CreateBounded<string>(
        new BoundedChannelOptions(QueueMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly CommandOutput _output;
    private readonly bool _json;
    private readonly IDisposable _following;
    private Task _printing = Task.CompletedTask;
    private long _missed;

    /// <summary>Gathers events from now on; <see cref="Start"/> prints them.</summary>
    public EventPrinter(EventLog events, CommandOutput output, bool json)
    {
        _output = output;
        _json = json;
        _following = events.Follow(Offer);
    }

    /// <summary>Prints what was gathered, then what comes. Called once.</summary>
    public void Start() => _printing = Task.Run(PrintAllAsync);

    /// <summary>
    /// Prints what waits, for a moment; a reader that has gone away does not hold up the end.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _following.Dispose();
        _queue.Writer.TryComplete();
        await Task.WhenAny(_printing, Task.Delay(TimeSpan.FromSeconds(1)));
    }

    private void Offer(string line)
    {
        if (!_queue.Writer.TryWrite(line))
        {
            Interlocked.Increment(ref _missed);
        }
    }

    private async Task PrintAllAsync()
    {
        try
        {
            await foreach (string line in _queue.Reader.ReadAllAsync())
            {
                long missed = Interlocked.Exchange(ref _missed, 0);
                if (missed > 0)
                {
                    await _output.Error.WriteLineAsync(
                        $"replication: {missed} events came too fast to be printed");
                }

                await _output.Out.WriteLineAsync(_json ? line : EventSentence.Line(line));
            }
        }
        catch (IOException)
        {
            // Nobody reads any more (a closed pipe); the events are kept by the log all the same.
            _following.Dispose();
        }
    }
}
