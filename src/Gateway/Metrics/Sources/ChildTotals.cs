using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;

namespace Replication.Gateway.Metrics.Sources;

/// <summary>
/// The counters of one volume's children, over all volume actors of that name in the life of the process: a
/// new actor counts from 0, which must not be seen here.
/// </summary>
internal sealed class ChildTotals
{
    /// <summary>Children that are remembered; then those that are gone make room.</summary>
    private const int ChildrenMax = 4 * RecordLimits.ChildrenMax;

    private static readonly ChildCounters None = new(0, 0, 0, 0, 0);

    private readonly Dictionary<(string Child, string Node), (ChildCounters Before, ChildCounters Last)>
        _children = [];

    /// <summary>What each child of the volume has done, in the order of the status.</summary>
    internal IReadOnlyList<ChildCounters> Take(VolumeStatus volume)
    {
        if (_children.Count >= ChildrenMax)
        {
            HashSet<(string Child, string Node)> present =
                [.. volume.Children.Select(static child => (child.Name, child.Node))];
            foreach ((string Child, string Node) gone in _children.Keys.Where(key => !present.Contains(key)))
            {
                _children.Remove(gone);
            }
        }

        return [.. volume.Children.Select(Take)];
    }

    private ChildCounters Take(ChildStatus child)
    {
        (ChildCounters before, ChildCounters last) =
            _children.GetValueOrDefault((child.Name, child.Node), (None, None));
        if (IsAnyLess(child.Counters, last))
        {
            before = Sum(before, last);
        }

        _children[(child.Name, child.Node)] = (before, child.Counters);
        return Sum(before, child.Counters);
    }

    private static bool IsAnyLess(ChildCounters now, ChildCounters last) =>
        now.VotesLost < last.VotesLost || now.Repairs < last.Repairs || now.ReadErrors < last.ReadErrors
        || now.WriteErrors < last.WriteErrors || now.FlushErrors < last.FlushErrors;

    private static ChildCounters Sum(ChildCounters one, ChildCounters other) => new(
        one.VotesLost + other.VotesLost,
        one.Repairs + other.Repairs,
        one.ReadErrors + other.ReadErrors,
        one.WriteErrors + other.WriteErrors,
        one.FlushErrors + other.FlushErrors);
}
