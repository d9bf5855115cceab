using Replication.Cluster.Membership;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Gateway.Qmp.Commands;

namespace Replication.Gateway.Qmp.Blocks;

/// <summary>A quorum as <c>blockdev-add</c> describes it, on its way to a volume.</summary>
/// <param name="Name">The quorum's node-name, which is the volume's name.</param>
/// <param name="SizeBytes">Null where none was given: then it is its replicas'.</param>
/// <param name="Options">The threshold and the rest, not yet judged.</param>
/// <param name="Children">In order: names of announced replicas, or new ones.</param>
internal sealed record QuorumPlan(
    string? Name, long? SizeBytes, VolumeOptions Options, IReadOnlyList<QuorumPlan.Child> Children)
{
    /// <summary>Takes the arguments but for <c>driver</c>, in QEMU's order.</summary>
    public static QuorumPlan Read(QmpArguments arguments)
    {
        string? name = arguments.OptionalString("node-name");
        IReadOnlyList<Child> children = [.. arguments.References("children").Select(ReadChild)];
        VolumeOptions options = VolumeArguments.Options(arguments, arguments.Integer("vote-threshold"));
        return new QuorumPlan(name, VolumeArguments.OptionalSize(arguments), options, children);
    }

    /// <summary>The names that it gives or refers to, its own first.</summary>
    public IEnumerable<string> Names =>
        Children.Select(child => child.Reference ?? NodeNameOf(child.Inline!)).Prepend(Name!);

    /// <summary>
    /// The request to the gateway; or why there is none, in QEMU's order and words, as far as it has them.
    /// </summary>
    public (CreateVolume? Request, string? Error) Resolve(BlockView view, NodeDirectory nodes)
    {
        if (view.Has(Name!))
        {
            return (null, BlockTexts.Duplicate(Name!));
        }

        if (Children.Count == 0)
        {
            return (null, "Number of provided children must be 1 or more");
        }

        if (VolumeArguments.Error(Options, Children.Count) is { } error)
        {
            return (null, error);
        }

        List<ReplicaNode> replicas = [];
        foreach (Child child in Children)
        {
            (ReplicaNode? replica, string? childError) = child.Inline is { } inline
                ? ResolveInline(inline, view, nodes)
                : ResolveReference(child.Reference!, view);
            if (replica is null)
            {
                return (null, childError);
            }

            if (replicas.Any(other => other.NodeName == replica.NodeName))
            {
                return (null, child.Inline is null
                    ? BlockTexts.HasParent(replica.NodeName)
                    : BlockTexts.Duplicate(replica.NodeName));
            }

            replicas.Add(replica);
        }

        return WithSize(replicas);
    }

    private static Child ReadChild(QmpReference reference)
    {
        if (reference.Inline is not { } arguments)
        {
            return new Child(reference.Name, Inline: null);
        }

        arguments.Word("driver", ReplicaArguments.Driver);
        return new Child(Reference: null, ReplicaArguments.Read(arguments));
    }

    private static (ReplicaNode? Replica, string? Error) ResolveReference(string name, BlockView view)
    {
        if (view.FindVolume(name) is not null)
        {
            return (null, BlockTexts.NoReplica(name));
        }

        if (view.IsAttached(name))
        {
            return (null, BlockTexts.HasParent(name));
        }

        return view.Announced.TryGetValue(name, out ReplicaNode? replica)
            ? (replica, null)
            : (null, BlockTexts.CannotFind(name));
    }

    private (ReplicaNode? Replica, string? Error) ResolveInline(
        ReplicaArguments inline, BlockView view, NodeDirectory nodes)
    {
        string name = NodeNameOf(inline);
        if (inline.NodeName is not null && BlockTexts.NodeNameError(name) is { } nameError)
        {
            return (null, nameError);
        }

        if (view.Has(name) || name == Name)
        {
            return (null, BlockTexts.Duplicate(name));
        }

        return inline.Error(nodes) is { } error
            ? (null, error)
            : (new ReplicaNode(name, inline.Host, inline.SizeBytes), null);
    }

    /// <summary>All that say a size must say the same one.</summary>
    private (CreateVolume? Request, string? Error) WithSize(List<ReplicaNode> replicas)
    {
        (string Node, long? SizeBytes)[] sizes =
        [
            (Name!, SizeBytes),
            .. replicas.Select(static replica => (replica.NodeName, replica.SizeBytes)),
        ];
        (string Node, long? SizeBytes) first = sizes.FirstOrDefault(static one => one.SizeBytes is not null);
        if (first.SizeBytes is not { } size)
        {
            return (null, "Parameter 'size' is missing");
        }

        if (VolumeArguments.SizeError(size) is { } error)
        {
            return (null, error);
        }

        (string? odd, long? oddBytes) =
            sizes.FirstOrDefault(one => one.SizeBytes is { } other && other != size);
        if (odd is not null)
        {
            return (null, $"Node '{odd}' has {oddBytes} bytes and node '{first.Node}' has {size}: "
                + "a quorum and its children have one size");
        }

        return (
            new CreateVolume(Name!, size, [.. replicas.Select(static replica => replica.Host)], Options)
            {
                NodeNames = [.. replicas.Select(static replica => replica.NodeName)],
                IsExported = false,
            },
            null);
    }

    private string NodeNameOf(ReplicaArguments inline) =>
        inline.NodeName ?? VolumeChild.UsualNodeName(Name!, inline.Host);

    /// <summary>One child: exactly one of both.</summary>
    /// <param name="Reference">The name of an announced replica.</param>
    /// <param name="Inline">A new replica.</param>
    internal sealed record Child(string? Reference, ReplicaArguments? Inline);
}
