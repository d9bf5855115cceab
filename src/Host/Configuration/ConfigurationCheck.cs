using Replication.Host.Configuration.Settings;

namespace Replication.Host.Configuration;

/// <summary>What has to hold between settings, beyond what each may be by itself.</summary>
internal static class ConfigurationCheck
{
    /// <summary>The first thing that is wrong, as a sentence; null when nothing is.</summary>
    public static string? Problem(ClusterConfiguration all)
    {
        if (all.Remoting.AcceptablePause < 2 * all.Remoting.HeartbeatInterval)
        {
            return "remoting.acceptable-pause is less than two of remoting.heartbeat-interval: "
                + "one late sign of life would end every connection";
        }

        if (all.Remoting.BackoffMax < all.Remoting.BackoffMin)
        {
            return "remoting.backoff-max is less than remoting.backoff-min";
        }

        if (all.Nbd.DrainTimeout < all.Gateway.ChildTimeout)
        {
            return "nbd.drain-timeout is less than gateway.child-timeout: "
                + "a request that loses a child would be cut off before its answer";
        }

        return NodeProblem(all) ?? VolumeProblem(all);
    }

    private static string? NodeProblem(ClusterConfiguration all)
    {
        string[] gateways = [.. NamesOf(all, NodeRole.Gateway)];
        if (gateways.Length > 1)
        {
            return $"{string.Join(" and ", gateways)} are gateways: with the embedded store there is one";
        }

        return all.Nodes
            .Where(static node => node.Listen is not null)
            .GroupBy(static node => node.Listen)
            .FirstOrDefault(static group => group.Count() > 1) is { } shared
            ? $"{string.Join(" and ", shared.Select(static node => node.Name))} both listen on {shared.Key}"
            : null;
    }

    private static string? VolumeProblem(ClusterConfiguration all)
    {
        string[] storage = [.. NamesOf(all, NodeRole.Storage)];
        foreach (VolumeWish volume in all.Volumes)
        {
            if (volume.Children?.FirstOrDefault(child => !storage.Contains(child)) is { } unknown)
            {
                string known = storage.Length == 0 ? "there is none at all"
                    : $"there are {string.Join(", ", storage)}";
                return $"volumes.{volume.Name}.children: there is no storage node '{unknown}'; "
                    + NearestName.Hint(unknown, storage, known);
            }

            int children = volume.Children?.Count ?? storage.Length;
            if ((volume.Threshold ?? all.Volume.Threshold) > children)
            {
                return $"volumes.{volume.Name} has {(children == 1 ? "1 child" : $"{children} children")}, "
                    + $"which cannot give {volume.Threshold ?? all.Volume.Threshold} equal votes";
            }
        }

        return null;
    }

    private static IEnumerable<string> NamesOf(ClusterConfiguration all, NodeRole role) =>
        all.Nodes.Where(node => node.Is(role)).Select(static node => node.Name);
}
