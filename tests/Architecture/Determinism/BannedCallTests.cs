using Replication.Architecture.Sources;

namespace Replication.Architecture.Determinism;

/// <summary>The rooms that run under a seeded scheduler touch time, chance, threads, sockets and disks only
/// through the kernel's seams.</summary>
public sealed class BannedCallTests
{
    private static readonly string[] SeededRooms =
        ["src/Actors", "src/Messages", "src/Cluster", "src/Coordinator", "src/ReplicaNode"];

    /// <summary>The real halves of the seams: what a simulation replaces whole.</summary>
    private static readonly Dictionary<string, string> Exempt = new(StringComparer.Ordinal)
    {
        ["src/Actors/Threading/"] = "the thread-pool dispatcher, the system's time and its ids",
        ["src/Actors/Remoting/Sockets/"] = "real sockets, whose completions arrive on threads of their own",
        ["src/Actors/Remoting/InProcess/"] = "what takes a socket's place between systems of one process",
        ["src/ReplicaNode/Disk/"] = "the bounded threads that do blocking disk work",
        ["src/Cluster/Embedded/Journal/"] = "the journal's file, written and synced on a thread of its own",
    };

    /// <summary>Single places outside them: the real seam as a default that a simulation replaces.</summary>
    private static readonly Dictionary<string, string> Defaults = new(StringComparer.Ordinal)
    {
        ["src/Actors/ActorSystemOptions.cs: TimeProvider.System"] = "the time, unless told otherwise",
        ["src/Actors/Asking/AskExtensions.cs: TimeProvider.System"] = "Ask is for the edges",
    };

    public static TheoryData<string, string> Wrong => new()
    {
        { "class C { void M() { Task.Run(() => 1); } }", "Task.Run" },
        { "class C { void M() { System.Threading.Tasks.Task.Delay(1); } }", "Task.Delay" },
        { "class C { void M() { Thread.Sleep(1); } }", "Thread.Sleep" },
        { "class C { Thread worker; }", "Thread" },
        { "class C { System.Threading.Thread? worker; }", "Thread" },
        { "class C { object M() => new List<Thread>(); }", "Thread" },
        { "class C { object M() => DateTime.UtcNow; }", "DateTime.UtcNow" },
        { "class C { object M() => DateTimeOffset.Now.Ticks; }", "DateTimeOffset.Now" },
        { "class C { object M() => Guid.NewGuid(); }", "Guid.NewGuid" },
        { "class C { object M() => Random.Shared.Next(); }", "Random.Shared" },
        { "class C { object M() => new Random(1); }", "new Random" },
        { "class C { Random chance = new(1); }", "new Random" },
        { "class C { object M() { Random chance = new(); return chance; } }", "new Random" },
        { "class C { object M() => new System.Threading.Timer(null); }", "new Timer" },
        { "class C { object M() => Stopwatch.GetTimestamp(); }", "Stopwatch.GetTimestamp" },
        { "class C { object M() => Environment.TickCount64; }", "Environment.TickCount64" },
        { "class C { object M() => TimeProvider.System; }", "TimeProvider.System" },
        { "class C { void M() { lock (this) { } } }", "lock" },
        { "class C { void M() { Monitor.Enter(this); } }", "Monitor.Enter" },
        { "class C { void M() { ThreadPool.QueueUserWorkItem(null); } }", "ThreadPool.QueueUserWorkItem" },
        { "class C : Actor { async void M() { await x; } }", "async M" },
        { "class VoteActor(int a) : Base { async Task M() { await x; } }", "async M" },
        { "class C : Actor { void M() { x.Then(async () => await y); } }", "async lambda" },
        { "class ReadCoordinator { void M() { async Task F() { await y; } } }", "async F" },
    };

    public static TheoryData<string> Right =>
    [
        "class C { /* Task.Run(x) */ string s = \"Thread.Sleep(1) in a string\"; }",
        "class C { void M(TimeProvider time) { time.GetUtcNow(); } }",
        "class C { void M(Random random) { random.Next(); } }",
        "class C { string M() => $\"lock (this) {nameof(M)}\"; }",
        "class C { async Task M() { await x; } }",
        "using System.Threading; class C { int thread = Interlocked.Increment(ref n); }",
        "class C { void Run(Mailbox m) { m.Run(); this.Delay(1); } }",
    ];

    [Fact]
    public void Seeded_rooms_make_no_banned_call_outside_the_real_halves_of_the_seams() =>
        Findings.AssertNone(Repository.Files(SeededRooms)
            .Where(file => !Exempt.Keys.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal)))
            .SelectMany(BannedCallScanner.Scan)
            .Where(finding => !Defaults.ContainsKey(WithoutLine(finding))));

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_banned_call_is_found_with_its_line(string code, string what) =>
        Assert.Equal([$"a.cs:2: {what}"], BannedCallScanner.Scan(SourceFile.Parse("a.cs", "\n" + code)));

    [Theory]
    [MemberData(nameof(Right))]
    public void What_only_looks_like_a_banned_call_is_left_alone(string code) =>
        Assert.Empty(BannedCallScanner.Scan(SourceFile.Parse("a.cs", code)));

    private static string WithoutLine(string finding)
    {
        var parts = finding.Split(':');
        return $"{parts[0]}:{parts[2]}";
    }
}
