using System.Diagnostics;

namespace Replication.Fuzz.Running;

/// <summary>How long requests took; one thread adds, any looks.</summary>
internal sealed class Latencies
{
    private readonly Lock _lock = new();
    private readonly List<double> _milliseconds = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _milliseconds.Count;
            }
        }
    }

    public void AddSince(long startTimestamp)
    {
        double milliseconds = Stopwatch.GetElapsedTime(startTimestamp).TotalMilliseconds;
        lock (_lock)
        {
            _milliseconds.Add(milliseconds);
        }
    }

    /// <summary>The latency that this part of the requests does not exceed, in milliseconds.</summary>
    /// <param name="part">0.5 for the median, 1 for the longest.</param>
    public double Quantile(double part)
    {
        lock (_lock)
        {
            if (_milliseconds.Count == 0)
            {
                return 0;
            }

            List<double> sorted = [.. _milliseconds.Order()];
            return sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];
        }
    }

    /// <summary>Gives what was collected and begins anew.</summary>
    public Latencies Take()
    {
        Latencies taken = new();
        lock (_lock)
        {
            taken._milliseconds.AddRange(_milliseconds);
            _milliseconds.Clear();
        }

        return taken;
    }
}
