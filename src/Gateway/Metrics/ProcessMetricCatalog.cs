using static Replication.Gateway.Metrics.MetricKind;

namespace Replication.Gateway.Metrics;

/// <summary>
/// What every process has; the names that begin with <c>process_</c> are those of Prometheus's own clients.
/// </summary>
public static class ProcessMetricCatalog
{
    /// <summary>Processor time.</summary>
    public static readonly MetricDescriptor CpuTime = new(
        "process_cpu_seconds_total", Counter, "Processor time that the process has used.", []);

    /// <summary>Memory in use.</summary>
    public static readonly MetricDescriptor ResidentMemory = new(
        "process_resident_memory_bytes", Gauge, "Memory of the process that is in RAM.", []);

    /// <summary>Memory mapped.</summary>
    public static readonly MetricDescriptor VirtualMemory = new(
        "process_virtual_memory_bytes", Gauge, "Address space of the process.", []);

    /// <summary>Start.</summary>
    public static readonly MetricDescriptor StartTime = new(
        "process_start_time_seconds", Gauge, "When the process started, in seconds since 1970.", []);

    /// <summary>Descriptors.</summary>
    public static readonly MetricDescriptor OpenFiles = new(
        "process_open_fds", Gauge, "Open files and sockets.", []);

    /// <summary>Threads.</summary>
    public static readonly MetricDescriptor Threads = new(
        "process_threads", Gauge, "Threads of the process.", []);

    /// <summary>Managed memory.</summary>
    public static readonly MetricDescriptor HeapSize = new(
        "dotnet_gc_heap_size_bytes", Gauge, "Memory that objects took after the last collection.", []);

    /// <summary>Allocation.</summary>
    public static readonly MetricDescriptor Allocated = new(
        "dotnet_gc_allocated_bytes_total", Counter, "Memory that was allocated for objects.", []);

    /// <summary>Collections.</summary>
    public static readonly MetricDescriptor Collections = new(
        "dotnet_gc_collections_total", Counter, "Garbage collections, by generation.", ["generation"]);

    /// <summary>Pauses.</summary>
    public static readonly MetricDescriptor Pauses = new(
        "dotnet_gc_pause_seconds_total", Counter, "Time in which collections stood the process still.", []);

    /// <summary>The thread pool.</summary>
    public static readonly MetricDescriptor PoolThreads = new(
        "dotnet_threadpool_threads", Gauge, "Threads of the pool, which runs the actors.", []);

    /// <summary>Its queue.</summary>
    public static readonly MetricDescriptor PoolQueue = new(
        "dotnet_threadpool_queue_length", Gauge, "Work that waits for a thread of the pool.", []);
}
