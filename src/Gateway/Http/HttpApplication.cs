using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Replication.Gateway.Http;

/// <summary>
/// Answers requests: a page for its path, 404 for others, 405 for what is neither GET nor HEAD, 413 for what
/// brings a body.
/// </summary>
internal sealed class HttpApplication(IReadOnlyList<IHttpPage> pages) : IHttpApplication<HttpContext>
{
    private const string Text = "text/plain; charset=utf-8";

    private readonly Dictionary<string, IHttpPage> _pages =
        pages.ToDictionary(static page => page.Path, StringComparer.Ordinal);

    private readonly HttpAnswer _notFound = new(
        StatusCodes.Status404NotFound,
        Text,
        Encoding.UTF8.GetBytes($"there are {string.Join(", ", pages.Select(static page => page.Path))}\n"));

    /// <inheritdoc/>
    public HttpContext CreateContext(IFeatureCollection contextFeatures) =>
        new DefaultHttpContext(contextFeatures);

    /// <inheritdoc/>
    public void DisposeContext(HttpContext context, Exception? exception) =>
        (context as DefaultHttpContext)?.Uninitialize();

    /// <inheritdoc/>
    public async Task ProcessRequestAsync(HttpContext context)
    {
        HttpAnswer answer = await AnswerAsync(context);
        HttpResponse response = context.Response;
        response.StatusCode = answer.Status;
        response.ContentType = answer.ContentType;
        response.ContentLength = answer.Body.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (context.Request.Method != HttpMethods.Head)
        {
            await response.Body.WriteAsync(answer.Body, context.RequestAborted);
        }
    }

    private async ValueTask<HttpAnswer> AnswerAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            // It is not read: the rest of the connection is worth nothing.
            context.Response.Headers.Connection = "close";
            return Refusal(StatusCodes.Status413PayloadTooLarge, "requests here have no body");
        }

        if (!_pages.TryGetValue(request.Path.Value ?? "", out IHttpPage? page))
        {
            return _notFound;
        }

        // Methods are compared letter by letter (RFC 9110, 9.1).
        if (request.Method != HttpMethods.Get && request.Method != HttpMethods.Head)
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return Refusal(StatusCodes.Status405MethodNotAllowed, "this can be looked at: GET or HEAD");
        }

        using CancellationTokenSource limit =
            CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(HttpLimits.PageTimeout);
        try
        {
            return await page.RenderAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return Refusal(
                StatusCodes.Status503ServiceUnavailable,
                $"no answer within {HttpLimits.PageTimeout.TotalSeconds} s");
        }
    }

    private static HttpAnswer Refusal(int status, string sentence) =>
        new(status, Text, Encoding.UTF8.GetBytes(sentence + "\n"));
}
