using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Host.Commands;
using Replication.Host.Options;
using Replication.Messages.Digests;

namespace Replication.Host.Demo;

/// <summary>
/// Gets the demo's volume ready: the one that is there if it is what was asked for, else a new one.
/// </summary>
internal static class DemoVolume
{
    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The volume, open.</summary>
    /// <exception cref="CommandFailedException">It is there with other options, cannot be made, or does not
    /// open.</exception>
    public static async Task<VolumeStatus> GetReadyAsync(
        IActorRef gateway, DemoOptions options, int nodeCount, CancellationToken cancellation)
    {
        try
        {
            VolumeList list = await gateway
                .Ask<VolumeList>(new QueryVolumes(), QueryTimeout)
                .WaitAsync(cancellation);
            VolumeStatus? existing = list.Volumes.FirstOrDefault(volume => volume.Name == options.Volume);
            if (existing is not null && Contradiction(existing, options) is { } contradiction)
            {
                throw new CommandFailedException(contradiction);
            }

            object request =
                existing is null ? Creation(options, nodeCount) : new AwaitVolume(options.Volume);
            object answer = await gateway.Ask<object>(request, ReadyTimeout).WaitAsync(cancellation);
            return answer switch
            {
                VolumeReady ready => ready.Status,
                AdminRefused refused => throw new CommandFailedException(refused.Reason),
                _ => throw new InvalidOperationException($"{request} was answered by {answer}"),
            };
        }
        catch (AskTimeoutException)
        {
            throw new CommandFailedException(
                $"volume {options.Volume} did not open within {ReadyTimeout.TotalSeconds:F0} s; "
                    + $"{options.DataFolder}/gateway/log says what it waits for");
        }
    }

    /// <summary>
    /// What was asked for that the volume is not, naming both values; null when nothing is.
    /// </summary>
    internal static string? Contradiction(VolumeStatus volume, DemoOptions options)
    {
        (string Option, string? Asked, string Is)[] pairs =
        [
            ("--size", Size(options.SizeBytes), Size(volume.SizeBytes)!),
            ("--threshold", options.Threshold?.ToString(), $"{volume.Options.Threshold}"),
            ("--rewrite-corrupted", OnOff(options.RewriteCorrupted), OnOff(volume.Options.RewriteCorrupted)!),
            ("--digest", Word(options.Digest), Word(volume.Options.Digest)!),
            ("--nodes", options.NodeCount?.ToString(), $"{volume.Children.Count}"),
        ];
        foreach ((string option, string? asked, string actual) in pairs)
        {
            if (asked is not null && asked != actual)
            {
                return Contradicts(volume.Name, option, asked, actual);
            }
        }

        return null;
    }

    /// <summary>The sentence about one option.</summary>
    internal static string Contradicts(string volume, string option, string asked, string actual) =>
        $"{option} {asked} contradicts volume {volume}, which has {actual}: "
            + $"leave {option} out, or choose another --volume or --data";

    private static CreateVolume Creation(DemoOptions options, int nodeCount)
    {
        VolumeOptions volume = new()
        {
            Threshold = options.Threshold ?? (nodeCount / 2) + 1,
            RewriteCorrupted = options.RewriteCorrupted ?? true,
            Digest = options.Digest ?? DigestKind.Xxh128,
        };
        return new CreateVolume(
            options.Volume, options.SizeBytes ?? DemoOptions.SizeDefaultBytes, Nodes: null, volume);
    }

    private static string? Size(long? bytes) => bytes is { } known ? ByteSize.Format(known) : null;

    private static string? OnOff(bool? value) => value is { } known ? known ? "on" : "off" : null;

    private static string? Word(DigestKind? digest) =>
        digest is { } known ? EnumWords<DigestKind>.Of(known) : null;
}
