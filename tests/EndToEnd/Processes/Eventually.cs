using System.Diagnostics;

namespace Replication.EndToEnd.Processes;

/// <summary>Waits for what another process does in its own time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until the answer is yes; fails with <paramref name="what"/> when it stays no.</summary>
    public static void True(Func<bool> condition, Func<string> what)
    {
        var watch = Stopwatch.StartNew();
        using var never = new ManualResetEventSlim();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Limit, $"not within {Limit.TotalSeconds} s: {what()}");
            never.Wait(Pause);
        }
    }
}
