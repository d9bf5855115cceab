using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Resync;

/// <summary>Counts what a resync has done, and says how fast it went over the last few seconds.</summary>
internal sealed class ResyncMeter
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    // One mark for each look that is more than a second after the last: at most six.
    private readonly Queue<(TimeSpan At, long DoneBytes)> _marks = new();
    private TimeSpan _lastMark = TimeSpan.MinValue;
    private long _doneBytes;
    private long _copiedBytes;

    /// <summary>A region is done.</summary>
    internal void Add(long doneBytes, long copiedBytes)
    {
        _doneBytes += doneBytes;
        _copiedBytes += copiedBytes;
    }

    /// <summary>How far it is.</summary>
    /// <param name="now">Since any fixed moment.</param>
    /// <param name="toDoBytes">What is listed and not done.</param>
    /// <param name="isListed">False while more may be listed: then nothing says how long it takes.</param>
    internal ResyncProgress At(TimeSpan now, long toDoBytes, bool isListed)
    {
        while (_marks.Count > 1 && now - _marks.Peek().At > Window)
        {
            _marks.Dequeue();
        }

        (TimeSpan since, long before) =
            _marks.Count > 0 ? _marks.Peek() : (TimeSpan.Zero, 0);
        double seconds = (now - since).TotalSeconds;
        long rate = seconds > 0 ? (long)((_doneBytes - before) / seconds) : 0;
        if (_lastMark == TimeSpan.MinValue || now - _lastMark >= TimeSpan.FromSeconds(1))
        {
            _marks.Enqueue((now, _doneBytes));
            _lastMark = now;
        }

        long? left = rate > 0 && isListed ? (toDoBytes + rate - 1) / rate : null;
        return new ResyncProgress(_doneBytes, toDoBytes, _copiedBytes, rate, left);
    }
}
