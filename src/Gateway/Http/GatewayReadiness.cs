using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Metrics.Sources;

namespace Replication.Gateway.Http;

/// <summary>
/// A gateway is ready while its store answers and every volume serves; one that is degraded does.
/// </summary>
public sealed class GatewayReadiness(IActorRef gateway, StoreMetrics store) : IReadinessCheck
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1.5);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ReasonsAsync(CancellationToken cancellation)
    {
        if (await store.ProblemAsync() is { } problem)
        {
            return [$"the store of the volumes' records does not answer: {problem}"];
        }

        try
        {
            VolumeList list = await gateway.Ask<VolumeList>(new QueryVolumes(), AnswerTimeout);
            return [.. list.Volumes.Where(static volume => !Serves(volume)).Select(InWords)];
        }
        catch (AskTimeoutException)
        {
            return ["the volumes do not answer"];
        }
    }

    private static bool Serves(VolumeStatus volume) =>
        volume.Answers && (volume.Condition is VolumeCondition.Healthy or VolumeCondition.Degraded);

    private static string InWords(VolumeStatus volume)
    {
        if (!volume.Answers)
        {
            return $"volume {volume.Name} does not answer";
        }

        string condition = volume.Condition.ToString().ToLowerInvariant();
        return volume.Reason is null
            ? $"volume {volume.Name} is {condition}"
            : $"volume {volume.Name} is {condition}: {volume.Reason}";
    }
}
