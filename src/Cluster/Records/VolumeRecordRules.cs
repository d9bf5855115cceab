using System.Collections.Immutable;

namespace Replication.Cluster.Records;

/// <summary>
/// What holds for every record by itself, wherever it comes from. Each error starts with the field's name as
/// JSON has it.
/// </summary>
public static class VolumeRecordRules
{
    /// <summary>The first rule that the record breaks, or null.</summary>
    public static string? FirstError(VolumeRecord record) =>
        IdentityError(record)
        ?? OptionsError(record)
        ?? OwnershipError(record)
        ?? ChildrenError(record)
        ?? ExportRules.FirstError(record)
        ?? BadBlocksError(record);

    private static string? IdentityError(VolumeRecord record)
    {
        if (NameRule.Error(record.Name) is { } error)
        {
            return $"name: {error}";
        }

        if (record.Id == Guid.Empty)
        {
            return "id: is all zeroes";
        }

        if (record.Serial < 1)
        {
            return $"serial: is {record.Serial}, the first is 1";
        }

        return record.SizeBytes is < 1 or > RecordLimits.SizeMaxBytes
            ? $"size-bytes: is {record.SizeBytes}, a volume has 1 to {RecordLimits.SizeMaxBytes}"
            : null;
    }

    private static string? OptionsError(VolumeRecord record)
    {
        VolumeOptions options = record.Options;
        int children = record.Children.Length;
        if (options.Threshold < 1 || options.Threshold > children)
        {
            return $"options.threshold: is {options.Threshold}, "
                + $"with {children} children it is 1 to {children}";
        }

        if (options.Blkverify && (options.Threshold != 2 || children != 2))
        {
            return "options.blkverify: needs exactly two children and threshold 2, there are "
                + $"{children} and threshold {options.Threshold}";
        }

        if (options.Blkverify && options.RewriteCorrupted)
        {
            return "options.rewrite-corrupted: cannot be used with blkverify";
        }

        return Undefined("read-pattern", options.ReadPattern)
            ?? Undefined("digest", options.Digest)
            ?? Undefined("durability", options.Durability)
            ?? Undefined("on-cache-loss", options.OnCacheLoss);
    }

    private static string? Undefined<T>(string field, T value)
        where T : struct, Enum =>
        Enum.IsDefined(value) ? null : $"options.{field}: {value} is none of its values";

    private static string? OwnershipError(VolumeRecord record)
    {
        if (record.Epoch > RecordLimits.EpochMax)
        {
            return $"epoch: is {record.Epoch}, the highest is {RecordLimits.EpochMax}";
        }

        if (record.Owner is not { } owner)
        {
            return null;
        }

        if (record.Epoch == 0)
        {
            return "owner: is set, though epoch 0 has none";
        }

        return NameRule.OwnerError(owner) is { } error ? $"owner: {error}" : null;
    }

    private static string? ChildrenError(VolumeRecord record)
    {
        if (record.Children.Length > RecordLimits.ChildrenMax)
        {
            return $"children: are {record.Children.Length}, a volume has at most {RecordLimits.ChildrenMax}";
        }

        HashSet<int> indexes = [];
        HashSet<string> nodes = new(StringComparer.Ordinal);
        HashSet<Guid> replicaIds = [];
        HashSet<string> nodeNames = new(StringComparer.Ordinal);
        for (int position = 0; position < record.Children.Length; position++)
        {
            VolumeChild child = record.Children[position];
            string field = $"children[{position}]";
            if (child.Index < 0 || child.Index >= record.NextChildIndex)
            {
                return $"{field}.name: is {child.Name}, "
                    + $"the next name to be given is children.{record.NextChildIndex}";
            }

            if (NameRule.Error(child.Node) is { } error)
            {
                return $"{field}.node: {error}";
            }

            if (child.ReplicaId == Guid.Empty)
            {
                return $"{field}.replica-id: is all zeroes";
            }

            if (!Enum.IsDefined(child.State))
            {
                return $"{field}.state: {child.State} is none of its values";
            }

            if (!indexes.Add(child.Index))
            {
                return $"{field}.name: {child.Name} is there twice";
            }

            if (!nodes.Add(child.Node))
            {
                return $"{record.Name} has a replica on {child.Node} already";
            }

            if (child.GivenNodeName is { } given && NameRule.GivenError(given) is { } nameError)
            {
                return $"{field}.node-name: a node-name {nameError}";
            }

            if (!nodeNames.Add(child.NodeNameIn(record.Name)))
            {
                return $"{field}.node-name: {child.NodeNameIn(record.Name)} is another child's";
            }

            if (!replicaIds.Add(child.ReplicaId))
            {
                return $"{field}.replica-id: {child.ReplicaId} is there twice";
            }
        }

        return null;
    }

    private static string? BadBlocksError(VolumeRecord record)
    {
        ImmutableArray<long> blocks = record.BadBlocks;
        if (blocks.Length > RecordLimits.BadBlocksMax)
        {
            return $"bad-blocks: are {blocks.Length}, at most {RecordLimits.BadBlocksMax} are kept";
        }

        long blockCount = ((record.SizeBytes - 1) / RecordLimits.BlockLengthBytes) + 1;
        for (int position = 0; position < blocks.Length; position++)
        {
            long block = blocks[position];
            if (block < 0 || block >= blockCount)
            {
                return $"bad-blocks[{position}]: is {block}, the volume has {blockCount} blocks";
            }

            if (position > 0 && block <= blocks[position - 1])
            {
                return $"bad-blocks[{position}]: is {block} after {blocks[position - 1]}, they rise";
            }
        }

        return null;
    }
}
