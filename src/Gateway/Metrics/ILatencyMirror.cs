namespace Replication.Gateway.Metrics;

/// <summary>Is told of each latency that a histogram records.</summary>
public interface ILatencyMirror
{
    /// <summary>One more. Any thread; it must be quick and allocate nothing.</summary>
    void Record(double seconds);
}
