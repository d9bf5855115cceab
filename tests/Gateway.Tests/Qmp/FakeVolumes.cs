using System.Globalization;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;

namespace Replication.Gateway.Tests.Qmp;

/// <summary>
/// Answers as a gateway whose volumes are all well, and remembers what it was told to do with them.
/// </summary>
internal sealed class FakeVolumes
{
    private readonly SortedDictionary<string, VolumeStatus> _volumes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _childrenEver = new(StringComparer.Ordinal);

    internal VolumeStatus this[string name]
    {
        get => _volumes[name];
        set => _volumes[name] = value;
    }

    internal object Answer(object request)
    {
        switch (request)
        {
            case QueryVolumes:
                return new VolumeList([.. _volumes.Values]);
            case CreateVolume create:
                VolumeStatus made = Make(create);
                _volumes.Add(create.Name, made);
                _childrenEver[create.Name] = made.Children.Count;
                return new VolumeReady(made);
            case DeleteVolume delete:
                _volumes.Remove(delete.Name);
                return new VolumeDeleted(delete.Name, []);
            case AddChild add:
                string slot = $"children.{_childrenEver[add.Volume]++}";
                ChildStatus child = Child(slot, add.Node, add.NodeName ?? $"{add.Volume}-{add.Node}");
                Change(add.Volume, volume => volume with { Children = [.. volume.Children, child] });
                return new ChildAdded(slot, child.NodeName);
            case RemoveChild remove:
                Change(remove.Volume, volume => volume with
                {
                    Children = [.. volume.Children.Where(one => one.Name != remove.Child)],
                });
                return new ChildRemoved(remove.Child);
            case AddExport add:
                Change(add.Volume, volume => volume with { Exports = [.. volume.Exports, add.Export] });
                return new ExportsChanged(add.Volume, this[add.Volume].Exports);
            case RemoveExport remove:
                Change(remove.Volume, volume => volume with
                {
                    Exports = [.. volume.Exports.Where(one => one.Id != remove.Id)],
                });
                return new ExportsChanged(remove.Volume, this[remove.Volume].Exports);
            default:
                throw new InvalidOperationException($"{request} was not expected");
        }
    }

    private void Change(string name, Func<VolumeStatus, VolumeStatus> change) =>
        _volumes[name] = change(_volumes[name]);

    private static VolumeStatus Make(CreateVolume create) =>
        QmpVolumes.Of(create.Name, create.SizeBytes) with
        {
            Options = create.Options,
            Exports = create.IsExported ? [VolumeExport.OwnOf(create.Name)] : [],
            Children = [.. create.Nodes!.Select((node, index) => Child(
                string.Create(CultureInfo.InvariantCulture, $"children.{index}"),
                node,
                create.NodeNames?[index] ?? $"{create.Name}-{node}"))],
        };

    private static ChildStatus Child(string slot, string node, string nodeName) => new(
        slot, node, nodeName, ChildState.Synced, ChildLink.Open, Since: null, Reason: null,
        LastLostVote: null, new ChildCounters(0, 0, 0, 0, 0));
}
