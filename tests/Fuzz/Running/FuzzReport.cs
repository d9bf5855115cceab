using System.Globalization;
using System.Text;

namespace Replication.Fuzz.Running;

/// <summary>What a run found and measured.</summary>
internal sealed record FuzzReport
{
    /// <summary>A bystander's request that takes longer has been disturbed.</summary>
    private const double LatencyMaxMs = 5000;

    /// <summary>
    /// What is left between collections grows no further than by this, once a quarter of the run is over.
    /// </summary>
    private const double MemoryGrowthMax = 1.25;

    private const long MemorySlackMiB = 128;

    /// <summary>
    /// In less time a heap is still filled for the first time: the limit that Service sets it judges instead.
    /// </summary>
    private static readonly TimeSpan GrowthJudgedFrom = TimeSpan.FromMinutes(2);

    /// <summary>Handles that other parts of the service may open meanwhile.</summary>
    private const int HandleSlack = 8;

    /// <summary>One conversation in so many may be too much for its volume.</summary>
    private const int LatePart = 100;

    /// <summary>The thread pool keeps threads for a while.</summary>
    private const int ThreadSlack = 32;

    public required FuzzOptions Options { get; init; }

    public required TimeSpan Elapsed { get; init; }

    public required int CaseCount { get; init; }

    /// <summary>Of these, given up by the server when the drain timeout was over.</summary>
    public required int LateCount { get; init; }

    public required long AnswerCount { get; init; }

    public required long ReceivedBytes { get; init; }

    public required ResourceSample Before { get; init; }

    public required ResourceSample After { get; init; }

    /// <summary>Once a second while conversations were held.</summary>
    public required IReadOnlyList<ResourceSample> During { get; init; }

    public required Latencies Alone { get; init; }

    public required Latencies Beside { get; init; }

    public required Latencies Connects { get; init; }

    /// <summary>What went wrong: conversations, the bystander, the process.</summary>
    public required IReadOnlyList<string> Complaints { get; init; }

    /// <summary>Everything that makes the run a failure.</summary>
    public IReadOnlyList<string> Failures
    {
        get
        {
            List<string> failures = [.. Complaints];
            double longest = Beside.Quantile(1);
            Add(failures, longest > LatencyMaxMs, $"the bystander waited {longest:F0} ms");
            Add(failures, LateCount > CaseCount / LatePart, $"{LateCount} conversations were given up");
            Add(failures, After.Handles > Before.Handles + HandleSlack, "handles leak");
            Add(failures, After.Threads > Before.Threads + ThreadSlack, "threads leak");
            long early = Quarter(1).Min();
            long late = Quarter(3).Min();
            bool grows = Elapsed >= GrowthJudgedFrom && late > (early * MemoryGrowthMax) + MemorySlackMiB;
            Add(failures, grows, "memory grows all along");
            return failures;
        }
    }

    public override string ToString()
    {
        StringBuilder text = new();
        CultureInfo plain = CultureInfo.InvariantCulture;
        text.AppendLine(
            plain, $"seed {Options.Seed}, {Options.ClientCount} clients, {Elapsed.TotalSeconds:F0} s");
        text.AppendLine(
            plain,
            $"conversations        {CaseCount}, {CaseCount / Elapsed.TotalSeconds:F0} a second, "
                + $"{LateCount} given up");
        text.AppendLine(plain, $"requests answered    {AnswerCount}, {ReceivedBytes >> 20} MiB received");
        text.AppendLine(plain, $"service before       {Before}");
        text.AppendLine(
            plain,
            $"service, peaks       {During.Max(static sample => sample.MemoryMiB)} MiB, "
                + $"{During.Max(static sample => sample.Handles)} handles, "
                + $"{During.Max(static sample => sample.Threads)} threads");
        text.AppendLine(
            plain,
            $"memory by quarter    {string.Join(", ", Enumerable.Range(0, 4).Select(Range))} MiB");
        text.AppendLine(plain, $"service after        {After}");
        text.AppendLine(plain, $"bystander alone      {Line(Alone)}");
        text.AppendLine(plain, $"bystander meanwhile  {Line(Beside)}");
        text.AppendLine(plain, $"bystander connecting {Line(Connects)}");
        foreach (string failure in Failures)
        {
            text.AppendLine(plain, $"FAILURE {failure}");
        }

        return text.ToString();
    }

    private static string Line(Latencies latencies) => string.Create(
        CultureInfo.InvariantCulture,
        $"{latencies.Count} requests, median {latencies.Quantile(0.5):F1} ms, "
            + $"99 % {latencies.Quantile(0.99):F0} ms, longest {latencies.Quantile(1):F0} ms");

    private static void Add(List<string> failures, bool fails, string what)
    {
        if (fails)
        {
            failures.Add(what);
        }
    }

    private string Range(int quarter) => $"{Quarter(quarter).Min()} to {Quarter(quarter).Max()}";

    /// <summary>The memory in a quarter of the run, 0 to 3.</summary>
    private IEnumerable<long> Quarter(int quarter) => During
        .Skip(During.Count * quarter / 4).Take(Math.Max(1, During.Count / 4))
        .Select(static sample => sample.MemoryMiB).DefaultIfEmpty(0);
}
