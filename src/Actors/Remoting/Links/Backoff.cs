namespace Replication.Actors.Remoting.Links;

/// <summary>How long to wait before the next attempt to reach a peer.</summary>
internal static class Backoff
{
    /// <summary>
    /// Nothing for a first attempt. After failures the minimum, doubled for each but the first up to the
    /// maximum, less up to a quarter by chance, so that many do not come at once; what has passed already
    /// counts.
    /// </summary>
    internal static TimeSpan Delay(RemotePeer peer, RemotingContext remoting)
    {
        int failures = peer.Failures;
        if (failures == 0)
        {
            return TimeSpan.Zero;
        }

        double whole = Math.Min(
            remoting.Options.BackoffMax.TotalMilliseconds,
            remoting.Options.BackoffMin.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 20)));
        double chance = remoting.System.Options.Ids.NextUInt64() % 1024 / 1024.0;
        TimeSpan delay = TimeSpan.FromMilliseconds(whole * (1 - (chance / 4)));
        TimeSpan passed =
            remoting.Time.GetElapsedTime(peer.LastFailureTimestamp, remoting.Time.GetTimestamp());
        return passed >= delay ? TimeSpan.Zero : delay - passed;
    }
}
