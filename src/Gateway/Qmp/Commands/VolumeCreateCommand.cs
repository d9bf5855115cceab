using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Messages.Digests;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>volume-create</c>: makes a volume with one replica a node; it is an export as soon as it is made.
/// </summary>
/// <param name="gateway">Answers CreateVolume.</param>
/// <param name="nodes">All storage nodes, in their order: the children when none are named.</param>
public sealed class VolumeCreateCommand(IActorRef gateway, IReadOnlyList<string> nodes) : IQmpCommand
{
    private const int SectorBytes = 512;

    /// <inheritdoc/>
    public string Name => "volume-create";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        string name = arguments.String("name");
        long sizeBytes = arguments.Integer("size", 1, RecordLimits.SizeMaxBytes);
        IReadOnlyList<string>? children = arguments.OptionalStrings("children");
        int childCount = children?.Count ?? nodes.Count;
        VolumeOptions options = new()
        {
            Threshold = (int)(
                arguments.OptionalInteger("vote-threshold", 1, int.MaxValue) ?? (childCount / 2) + 1),
            RewriteCorrupted = arguments.OptionalBoolean("rewrite-corrupted") ?? false,
            Digest = arguments.OptionalWord<DigestKind>("digest") ?? DigestKind.Xxh128,
            Durability = arguments.OptionalWord<Durability>("durability") ?? Durability.Flush,
            OnCacheLoss = arguments.OptionalWord<CacheLossPolicy>("on-cache-loss")
                ?? CacheLossPolicy.Continue,
        };
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        if (childCount == 0)
        {
            return QmpResult.Fail(
                "Parameter 'children' expects at least one node; left out, it is all of them");
        }

        // QEMU counts in sectors: it would round such a size up and write past the end.
        if (sizeBytes % SectorBytes != 0)
        {
            return QmpResult.Fail($"Parameter 'size' expects a multiple of {SectorBytes}");
        }

        if (options.Threshold > childCount)
        {
            return QmpResult.Fail("threshold may not exceed children count");
        }

        object answer = await GatewayCalls.AskAsync(
            gateway, new CreateVolume(name, sizeBytes, children, options));
        return answer switch
        {
            VolumeReady ready => QmpResult.Return(VolumeJson.Describe(ready.Status)),
            AdminRefused refused => QmpResult.Fail(refused.Reason),
            QmpError error => QmpResult.Fail(error),
            _ => throw new InvalidOperationException($"CreateVolume was answered by {answer.GetType().Name}"),
        };
    }
}
