using System.Text;

namespace Replication.Host.Tests;

/// <summary>Collects what a command writes, from any thread, and tells when a line has come.</summary>
internal sealed class RecordingWriter : TextWriter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private readonly List<(Predicate<string> Wanted, TaskCompletionSource<string> Found)> _waiting = [];

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>All that was written.</summary>
    internal string Text
    {
        get
        {
            lock (_gate)
            {
                return _text.ToString();
            }
        }
    }

    internal string[] Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        lock (_gate)
        {
            _text.Append(value);
            _waiting.RemoveAll(entry => FindLine(entry.Wanted) is { } line && entry.Found.TrySetResult(line));
        }
    }

    public override void WriteLine(string? value) => Write(value + "\n");

    /// <summary>The first whole line that fits, written already or later.</summary>
    internal Task<string> LineAsync(Predicate<string> wanted)
    {
        lock (_gate)
        {
            if (FindLine(wanted) is { } line)
            {
                return Task.FromResult(line);
            }

            TaskCompletionSource<string> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((wanted, found));
            return WaitAsync(found.Task);
        }
    }

    private async Task<string> WaitAsync(Task<string> found)
    {
        try
        {
            return await found.WaitAsync(Patience);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"the line did not come; what came is:\n{Text}", late);
        }
    }

    private string? FindLine(Predicate<string> wanted)
    {
        string text = _text.ToString();
        string[] lines = text.Split('\n');
        return lines.SkipLast(1).FirstOrDefault(line => wanted(line));
    }
}
