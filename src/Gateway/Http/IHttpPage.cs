namespace Replication.Gateway.Http;

/// <summary>Something that can be looked at; looking changes nothing.</summary>
public interface IHttpPage
{
    /// <summary>Its path, such as <c>/metrics</c>: compared letter by letter.</summary>
    string Path { get; }

    /// <summary>What it says now. Any thread, several at a time.</summary>
    ValueTask<HttpAnswer> RenderAsync(CancellationToken cancellation);
}
