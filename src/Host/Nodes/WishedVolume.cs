using System.Globalization;
using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Host.Commands;
using Replication.Host.Configuration;
using Replication.Host.Options;
using Replication.Messages.Digests;

namespace Replication.Host.Nodes;

/// <summary>
/// Gets a volume ready that is wished for: the one that is there if it is what was asked for, else a new one.
/// </summary>
/// <param name="gateway">The gateway's actor.</param>
/// <param name="defaults">What a new volume gets where the wish says nothing.</param>
/// <param name="nodeCount">Storage nodes: they all hold a child of a new volume unless it names some.
/// </param>
internal sealed class WishedVolume(IActorRef gateway, VolumeDefaults defaults, int nodeCount)
{
    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>The volume, its opening settled; null when that is not so within a minute.</summary>
    /// <exception cref="CommandFailedException">It is there with other options, or cannot be
    /// made.</exception>
    public async Task<ReadyVolume?> GetReadyAsync(
        VolumeWish wish, WishWords words, CancellationToken cancellation)
    {
        try
        {
            VolumeList list = await gateway
                .Ask<VolumeList>(new QueryVolumes(), QueryTimeout)
                .WaitAsync(cancellation);
            VolumeStatus? existing = list.Volumes.FirstOrDefault(volume => volume.Name == wish.Name);
            if (existing is not null && Contradiction(existing, wish, words) is { } contradiction)
            {
                throw new CommandFailedException(contradiction);
            }

            // Also without one in the list it may be there: its making may go on since the last run.
            object answer = await AskAsync(new AwaitVolume(wish.Name), cancellation);
            bool isMade = answer is AdminRefused && existing is null;
            if (isMade)
            {
                answer = await AskAsync(Creation(wish), cancellation);
            }

            return answer switch
            {
                VolumeReady ready => new ReadyVolume(ready.Status, isMade),
                AdminRefused refused => throw new CommandFailedException(refused.Reason),
                _ => throw new InvalidOperationException($"volume {wish.Name} was answered by {answer}"),
            };
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    /// <summary>The volume once it serves, or as it is when that takes too long.</summary>
    /// <param name="volume">How it was.</param>
    /// <param name="limit">How long it is waited for.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="CommandFailedException">The volume is no more.</exception>
    public async Task<ReadyVolume> AwaitServingAsync(
        ReadyVolume volume, TimeSpan limit, CancellationToken cancellation)
    {
        for (TimeSpan waited = TimeSpan.Zero; !volume.Serves && waited < limit; waited += LookEvery)
        {
            await Task.Delay(LookEvery, cancellation);
            try
            {
                VolumeList list = await gateway
                    .Ask<VolumeList>(new QueryVolumes(), QueryTimeout)
                    .WaitAsync(cancellation);
                VolumeStatus now = list.Volumes.FirstOrDefault(one => one.Name == volume.Status.Name)
                    ?? throw new CommandFailedException(
                        $"volume {volume.Status.Name} was deleted before it could be used");
                volume = volume with { Status = now };
            }
            catch (AskTimeoutException)
            {
                // The next look asks again.
            }
        }

        return volume;
    }

    /// <summary>
    /// What was asked for that the volume is not, naming both values; null when nothing is.
    /// </summary>
    internal static string? Contradiction(VolumeStatus volume, VolumeWish wish, WishWords words)
    {
        VolumeOptions options = volume.Options;
        (string Option, string? Asked, string Is)[] pairs =
        [
            ("size", Size(wish.SizeBytes), Size(volume.SizeBytes)!),
            ("threshold", Number(wish.Threshold), Number(options.Threshold)!),
            ("rewrite-corrupted", OnOff(wish.RewriteCorrupted), OnOff(options.RewriteCorrupted)!),
            ("digest", Word(wish.Digest), Word<DigestKind>(options.Digest)!),
            ("durability", Word(wish.Durability), Word<Durability>(options.Durability)!),
            ("on-cache-loss", Word(wish.OnCacheLoss), Word<CacheLossPolicy>(options.OnCacheLoss)!),
        ];
        foreach ((string option, string? asked, string actual) in pairs)
        {
            if (asked is not null && asked != actual)
            {
                return words.Contradicts(volume.Name, option, asked, actual);
            }
        }

        return null;
    }

    private Task<object> AskAsync(object request, CancellationToken cancellation) =>
        gateway.Ask<object>(request, ReadyTimeout).WaitAsync(cancellation);

    private CreateVolume Creation(VolumeWish wish)
    {
        int threshold = wish.Threshold ?? defaults.Threshold;
        int children = wish.Children?.Count ?? nodeCount;
        VolumeOptions options = new()
        {
            Threshold = threshold == 0 ? (children / 2) + 1 : threshold,
            ReadPattern = defaults.ReadPattern,
            RewriteCorrupted = wish.RewriteCorrupted ?? defaults.RewriteCorrupted,
            Digest = wish.Digest ?? defaults.Digest,
            Durability = wish.Durability ?? defaults.Durability,
            OnCacheLoss = wish.OnCacheLoss ?? defaults.OnCacheLoss,
        };
        return new CreateVolume(wish.Name, wish.SizeBytes ?? defaults.SizeBytes, wish.Children, options);
    }

    private static string? Size(long? bytes) => bytes is { } known ? ByteSize.Format(known) : null;

    private static string? Number(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? OnOff(bool? value) => value is { } known ? known ? "on" : "off" : null;

    private static string? Word<T>(T? value)
        where T : struct, Enum => value is { } known ? EnumWords<T>.Of(known) : null;
}
