using System.Text;
using System.Threading.Channels;
using Replication.Actors;
using Replication.Actors.Logging;

namespace Replication.Host.Logging;

/// <summary>
/// The log of a process: one line an entry, as <see cref="LogLine"/> writes it, in a file that is set aside
/// at a length, one old file being kept. Entries are taken from any thread and written by a task of its own;
/// when it falls behind by the length of its queue, further ones are lost, and counted.
/// </summary>
internal sealed class LogFile : IAsyncDisposable
{
    private readonly Channel<string> _queue;
    private readonly string _path;
    private readonly LogSettings _settings;
    private readonly TextWriter? _copy;
    private readonly Task _writing;
    private FileStream _file;
    private long _lost;

    private LogFile(string path, LogSettings settings, TextWriter? copy)
    {
        _path = path;
        _settings = settings;
        _queue = Channel.CreateBounded<string>(new BoundedChannelOptions(settings.QueueMax)
        {
            SingleReader = true,
            FullMode = BoundedChannelFullMode.Wait,
        });
        _copy = copy;
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        _writing = Task.Run(WriteAllAsync);
    }

    /// <summary>Opens the file, made with its folder if it is not there.</summary>
    /// <param name="path">Where.</param>
    /// <param name="settings">Its level and bounds.</param>
    /// <param name="copy">Gets every line too; null for none.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static LogFile Open(string path, LogSettings settings, TextWriter? copy)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new LogFile(path, settings, copy);
    }

    /// <summary>Takes the entries of a system from now on.</summary>
    public void Attach(ActorSystem system) =>
        system.EventStream.Subscribe<LogEvent>(new Subscriber(this, system.Name));

    /// <summary>Whether entries of a level are written.</summary>
    public bool IsOn(LogLevel level) => level >= _settings.Level;

    /// <summary>Takes one entry; returns at once.</summary>
    public void Write(string node, LogEvent entry)
    {
        if (IsOn(entry.Level) && !_queue.Writer.TryWrite(LineOf(node, entry)))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Writes what waits and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing;
        await _file.DisposeAsync();
    }

    private string LineOf(string node, LogEvent entry) =>
        LogLine.Of(_settings.Format, DateTime.UtcNow, node, entry);

    private async Task WriteAllAsync()
    {
        while (await _queue.Reader.WaitToReadAsync())
        {
            try
            {
                WriteWaiting();
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                // A log that the disk does not take must not stop the service; the lines are counted as lost.
                Interlocked.Increment(ref _lost);
            }
        }
    }

    private void WriteWaiting()
    {
        while (_queue.Reader.TryRead(out string? line))
        {
            Append(line);
        }

        long lost = Interlocked.Exchange(ref _lost, 0);
        if (lost > 0)
        {
            Append(LineOf("-", new LogEvent(LogLevel.Warning, "log", $"{lost} entries were lost")));
        }

        _file.Flush();
    }

    private void Append(string line)
    {
        if (_file.Length > _settings.LengthMaxBytes)
        {
            SetAside();
        }

        _file.Write(Encoding.UTF8.GetBytes(line));
        _copy?.Write(line);
    }

    /// <summary>
    /// The file stays open until there is another: where this fails, the next entry tries again.
    /// </summary>
    private void SetAside()
    {
        if (File.Exists(_path))
        {
            File.Move(_path, $"{_path}.1", overwrite: true);
        }

        FileStream next = new(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
        _file.Dispose();
        _file = next;
    }

    private sealed class Subscriber(LogFile log, string node) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender)
        {
            if (message is LogEvent entry)
            {
                log.Write(node, entry);
            }
        }
    }
}
