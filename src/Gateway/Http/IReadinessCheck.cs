namespace Replication.Gateway.Http;

/// <summary>A part of the process that has to work before it can be used.</summary>
public interface IReadinessCheck
{
    /// <summary>Sentences that say what is missing; empty when nothing is. It must not throw.</summary>
    ValueTask<IReadOnlyList<string>> ReasonsAsync(CancellationToken cancellation);
}
