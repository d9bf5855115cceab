using System.Text;
using System.Text.Json;

namespace Replication.Gateway.Events;

/// <summary>
/// The events on disk: a segment that is appended to, and the full one before it. Together they hold at least
/// the last <c>linesMax</c> lines and at most twice as many. Used by one thread at a time.
/// </summary>
/// <remarks>
/// Lines reach the operating system with each <see cref="Append"/>, so they survive the end of the process;
/// they are not synced, so a loss of power may take the last ones, or tear one. That is fine for a report of
/// what happened.
/// </remarks>
internal sealed class EventSegments : IDisposable
{
    private const string CurrentName = "events.jsonl";
    private const string PreviousName = "events.1.jsonl";

    private readonly string _currentPath;
    private readonly string _previousPath;
    private readonly int _linesMax;
    private FileStream _current;
    private int _currentLines;

    private EventSegments(string folder, int linesMax)
    {
        _currentPath = Path.Combine(folder, CurrentName);
        _previousPath = Path.Combine(folder, PreviousName);
        _linesMax = linesMax;
        _current = new FileStream(_currentPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
    }

    /// <summary>
    /// Opens the folder, made if it is not there, and gives the last lines in it, oldest first.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public static (EventSegments Segments, List<string> Kept) Open(
        string folder, int linesMax, Action<string> warn)
    {
        Directory.CreateDirectory(folder);
        EventSegments segments = new(folder, linesMax);
        try
        {
            return (segments, segments.Load(warn));
        }
        catch
        {
            segments.Dispose();
            throw;
        }
    }

    /// <summary>Appends lines; starts a new segment when this one is full.</summary>
    /// <exception cref="IOException">The disk failed; how much was written is unknown.</exception>
    public void Append(IReadOnlyList<string> lines)
    {
        foreach (string line in lines)
        {
            if (_currentLines >= _linesMax)
            {
                StartNext();
            }

            _current.Write(Encoding.UTF8.GetBytes(line + "\n"));
            _currentLines++;
        }

        _current.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _current.Dispose();

    private void StartNext()
    {
        _current.Dispose();
        File.Move(_currentPath, _previousPath, overwrite: true);
        _current = new FileStream(_currentPath, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        _currentLines = 0;
    }

    private List<string> Load(Action<string> warn)
    {
        List<string> kept = [];
        if (File.Exists(_previousPath))
        {
            using FileStream previous = new(
                _previousPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            Read(previous, kept, warn);
        }

        int before = kept.Count;
        CutTornTail();
        Read(_current, kept, warn);
        _currentLines = kept.Count - before;
        _current.Seek(0, SeekOrigin.End);
        return kept.Count > _linesMax ? kept.GetRange(kept.Count - _linesMax, _linesMax) : kept;
    }

    /// <summary>
    /// Cuts what follows the last line's end, so that the next line does not join a torn one.
    /// </summary>
    private void CutTornTail()
    {
        byte[] block = new byte[4096];
        long end = _current.Length;
        while (end > 0)
        {
            int length = (int)Math.Min(block.Length, end);
            _current.Seek(end - length, SeekOrigin.Begin);
            _current.ReadExactly(block, 0, length);
            int newline = block.AsSpan(0, length).LastIndexOf((byte)'\n');
            if (newline >= 0)
            {
                end = end - length + newline + 1;
                break;
            }

            end -= length;
        }

        _current.SetLength(end);
        _current.Seek(0, SeekOrigin.Begin);
    }

    private static void Read(FileStream file, List<string> kept, Action<string> warn)
    {
        int unreadable = 0;
        using StreamReader reader = new(file, Encoding.UTF8, leaveOpen: true);
        while (reader.ReadLine() is { } line)
        {
            if (IsObject(line))
            {
                kept.Add(line);
            }
            else
            {
                unreadable++;
            }
        }

        if (unreadable > 0)
        {
            warn($"{unreadable} lines of {file.Name} are no events and are left out");
        }
    }

    private static bool IsObject(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            // The caller counts it and says so.
            return false;
        }
    }
}
