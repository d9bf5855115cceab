using System.Collections.Concurrent;
using System.Diagnostics;
using Replication.Fuzz.Conversations;

namespace Replication.Fuzz.Running;

/// <summary>
/// Starts the service, lets a bystander work alone for a while, then beside clients that hold the
/// conversations of a seed, and looks at what the service holds before, meanwhile and after.
/// </summary>
internal sealed class FuzzRun(FuzzOptions options, TextWriter output)
{
    private const string FuzzVolume = "fuzzed";
    private const int FuzzVolumeBytes = 64 << 20;
    private const string QuietVolume = "bystanders-own";
    private const int QuietVolumeBytes = 16 << 20;
    private const int ComplaintsMax = 20;

    private static readonly TimeSpan AloneMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CalmLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(1);
    private static readonly FuzzTarget Target = new(FuzzVolume, FuzzVolumeBytes, QuietVolume);

    /// <summary>What the log holds only when something is wrong in the server itself.</summary>
    private static readonly string[] Alarms =
        ["unexpected failure", "got a second answer", "was answered by"];

    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly List<ResourceSample> _during = [];
    private int _nextCase = options.FirstCase;
    private int _caseCount;
    private int _lateCount;
    private long _answerCount;
    private long _receivedBytes;

    /// <summary>The case that a seed and a number make.</summary>
    public static FuzzCase CaseOf(long seed, int number) => new CaseMaker(seed, Target).Make(number);

    public async Task<FuzzReport> RunAsync()
    {
        string folder = NewFolder();
        using Service service = await Service.StartAsync(
            folder, (FuzzVolume, FuzzVolumeBytes), (QuietVolume, QuietVolumeBytes));
        Bystander bystander = new(service.SocketPath, QuietVolume, QuietVolumeBytes, options.Seed);
        using CancellationTokenSource stop = new();
        Task watching = bystander.RunAsync(stop.Token);
        await Task.Delay(Shorter(options.Duration / 5, AloneMax));
        Latencies alone = bystander.Requests.Take();
        ResourceSample before = service.Sample();
        Stopwatch clock = Stopwatch.StartNew();
        Task sampling = SampleAsync(service, bystander, clock, stop.Token);
        await Task.WhenAll(Enumerable.Range(0, options.ClientCount).Select(_ => WorkAsync(service, clock)));
        TimeSpan elapsed = clock.Elapsed;
        ResourceSample after = await CalmAsync(service, before);
        await stop.CancelAsync();
        await Task.WhenAll(watching, sampling);
        if (bystander.Complaint is { } complaint)
        {
            Complain($"bystander: {complaint}");
        }

        await StopAsync(service);
        return new FuzzReport
        {
            Options = options,
            Elapsed = elapsed,
            CaseCount = _caseCount,
            LateCount = _lateCount,
            AnswerCount = _answerCount,
            ReceivedBytes = _receivedBytes,
            Before = before,
            After = after,
            During = _during,
            Alone = alone,
            Beside = bystander.Requests,
            Connects = bystander.Connects,
            Complaints = [.. _complaints],
        };
    }

    private async Task WorkAsync(Service service, Stopwatch clock)
    {
        FuzzClient client = new(service.SocketPath, Target);
        while (clock.Elapsed < options.Duration && service.IsRunning && _complaints.Count < ComplaintsMax)
        {
            int number = Interlocked.Increment(ref _nextCase) - 1;
            if (number - options.FirstCase >= options.CaseMax)
            {
                return;
            }

            FuzzCase held = CaseOf(options.Seed, number);
            FuzzClient.Outcome outcome = await client.RunAsync(held);
            Interlocked.Increment(ref _caseCount);
            Interlocked.Add(ref _lateCount, outcome.IsLate ? 1 : 0);
            Interlocked.Add(ref _answerCount, outcome.AnswerCount);
            Interlocked.Add(ref _receivedBytes, outcome.ReceivedBytes);
            if (outcome.Complaint is { } complaint)
            {
                Complain($"{complaint} ({held}); replay: --seed {options.Seed} --case {number}");
            }
        }

        if (!service.IsRunning)
        {
            Complain($"the service ended: {service.Errors}");
        }
    }

    private async Task SampleAsync(
        Service service, Bystander bystander, Stopwatch clock, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && service.IsRunning)
        {
            ResourceSample sample = service.Sample();
            if (clock.Elapsed <= options.Duration)
            {
                _during.Add(sample);
                if (_during.Count % 30 == 0)
                {
                    output.WriteLine(
                        $"{clock.Elapsed.TotalSeconds:F0} s: {_caseCount} conversations, {sample}, "
                            + $"{bystander.Requests.Count} requests of the bystander");
                }
            }

            await Task.Delay(SampleInterval, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits until the connections are gone that the clients left behind.</summary>
    private static async Task<ResourceSample> CalmAsync(Service service, ResourceSample before)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (service.IsRunning && service.Sample().Handles > before.Handles && clock.Elapsed < CalmLimit)
        {
            await Task.Delay(SampleInterval / 4);
        }

        return service.IsRunning ? service.Sample() : default;
    }

    private async Task StopAsync(Service service)
    {
        if (!service.IsRunning)
        {
            Complain($"the service ended: {service.Errors}");
            return;
        }

        int status = await service.StopAsync();
        if (status != 0)
        {
            Complain($"the service ended with status {status}: {service.Errors}");
        }

        foreach (string line in File.ReadLines(service.LogPath))
        {
            if (Alarms.Any(alarm => line.Contains(alarm, StringComparison.Ordinal)))
            {
                Complain($"the log: {line}");
            }
        }
    }

    private void Complain(string complaint)
    {
        if (_complaints.Count < ComplaintsMax)
        {
            _complaints.Enqueue(complaint);
            output.WriteLine(complaint);
        }
    }

    /// <summary>
    /// In memory where that can be: this is about the door, and disks are slow at other times.
    /// </summary>
    private static string NewFolder()
    {
        const string Memory = "/dev/shm";
        string name = $"nbd-fuzz-{Environment.ProcessId}";
        return Directory.Exists(Memory)
            ? Directory.CreateDirectory(Path.Combine(Memory, name)).FullName
            : Directory.CreateTempSubdirectory(name).FullName;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
