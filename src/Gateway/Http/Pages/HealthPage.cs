namespace Replication.Gateway.Http.Pages;

/// <summary>
/// <c>/healthz</c>: the process lives and answers. Nothing else is looked at, so that whoever restarts what
/// is not healthy does not restart a gateway because a storage node is down.
/// </summary>
public sealed class HealthPage : IHttpPage
{
    private static readonly HttpAnswer Alive = new(200, "text/plain; charset=utf-8", "ok\n"u8.ToArray());

    /// <inheritdoc/>
    public string Path => "/healthz";

    /// <inheritdoc/>
    public ValueTask<HttpAnswer> RenderAsync(CancellationToken cancellation) => new(Alive);
}
