using System.Diagnostics;

namespace Replication.Gateway.Metrics.Sources;

/// <summary>Memory, processor, threads and garbage collection of this process, and what it is.</summary>
/// <param name="version">The program's version.</param>
/// <param name="node">The node's name.</param>
public sealed class ProcessMetrics(string version, string node) : IMetricSource
{
    private const string DescriptorFolder = "/proc/self/fd";

    /// <inheritdoc/>
    public string Name => "process";

    /// <inheritdoc/>
    public ValueTask CollectAsync(MetricSet into, CancellationToken cancellation)
    {
        using Process process = Process.GetCurrentProcess();
        DateTimeOffset startedAt = new(process.StartTime);
        into.Add(MetricCatalog.BuildInfo, 1, version, node);
        into.Add(ProcessMetricCatalog.CpuTime, process.TotalProcessorTime.TotalSeconds);
        into.Add(ProcessMetricCatalog.ResidentMemory, process.WorkingSet64);
        into.Add(ProcessMetricCatalog.VirtualMemory, process.VirtualMemorySize64);
        into.Add(ProcessMetricCatalog.StartTime, startedAt.ToUnixTimeMilliseconds() / 1000.0);
        into.Add(ProcessMetricCatalog.Threads, process.Threads.Count);
        if (Directory.Exists(DescriptorFolder))
        {
            int count = Directory.EnumerateFileSystemEntries(DescriptorFolder).Count();
            into.Add(ProcessMetricCatalog.OpenFiles, count);
        }

        into.Add(ProcessMetricCatalog.HeapSize, GC.GetGCMemoryInfo().HeapSizeBytes);
        into.Add(ProcessMetricCatalog.Allocated, GC.GetTotalAllocatedBytes());
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            into.Add(
                ProcessMetricCatalog.Collections, GC.CollectionCount(generation), generation.ToString());
        }

        into.Add(ProcessMetricCatalog.Pauses, GC.GetTotalPauseDuration().TotalSeconds);
        into.Add(ProcessMetricCatalog.PoolThreads, ThreadPool.ThreadCount);
        into.Add(ProcessMetricCatalog.PoolQueue, ThreadPool.PendingWorkItemCount);
        return ValueTask.CompletedTask;
    }
}
