using System.Text.Json;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Events;
using Replication.Host.Output;

namespace Replication.Host.Nodes;

/// <summary>A volume that was wished for, its opening settled.</summary>
/// <param name="Status">How it is.</param>
/// <param name="IsMade">True when it was not there, and is a new one.</param>
internal sealed record ReadyVolume(VolumeStatus Status, bool IsMade)
{
    /// <summary>True when requests are answered: enough children are open for that.</summary>
    public bool Serves => Status.Condition is VolumeCondition.Healthy or VolumeCondition.Degraded;

    /// <summary>That it does not serve, and why; what is to come then.</summary>
    public string NotReady() => $"{Status.Name} is not ready, it is {Why()}. "
        + "The line 'ready' comes once it serves";

    /// <summary>
    /// What is to be read next to a line 'ready' of a volume that does not serve: its address can be used,
    /// but not its data.
    /// </summary>
    public string NotServing() => $"{Status.Name} does not serve, it is {Why()}. "
        + $"'replication status {Status.Name}' says what becomes of it";

    /// <summary>Says what whoever started it may not expect, but for <see cref="NotServing"/>.</summary>
    public void WriteWarnings(EventLog events, CommandOutput output)
    {
        if (IsMade && WasDeleted(events))
        {
            output.Fail($"volume {Status.Name} was deleted before: it is made anew, empty");
        }

        if (Serves && Status.Reason is not null)
        {
            output.Fail($"{Status.Name} is not healthy: {Status.Reason}");
        }

        if (TieWarning.Of(Status) is { } tie)
        {
            output.Fail(tie);
        }
    }

    /// <summary>The condition, and its reason if there is one.</summary>
    private string Why() => EnumWords<VolumeCondition>.Of(Status.Condition)
        + (Status.Reason is { } why ? $": {why.TrimEnd('.')}" : "");

    private bool WasDeleted(EventLog events) => events.Last(int.MaxValue)
        .Where(static line => line.Contains("VOLUME_DELETED", StringComparison.Ordinal))
        .Any(line =>
        {
            using JsonDocument happened = JsonDocument.Parse(line);
            return happened.RootElement.TryGetProperty("data", out JsonElement data)
                && JsonMembers.Text(happened.RootElement, "event", otherwise: "") == "VOLUME_DELETED"
                && JsonMembers.Text(data, "volume", otherwise: "") == Status.Name;
        });
}
