using System.Text.Json;

namespace Replication.Gateway.Http.Pages;

/// <summary>
/// <c>/readyz</c>: 200 when everything that the process is there for works, 503 with the reasons until then.
/// </summary>
public sealed class ReadyPage : IHttpPage
{
    private readonly Lock _lock = new();
    private IReadinessCheck[] _checks = [];
    private string? _obstacle = "the process is starting";

    /// <inheritdoc/>
    public string Path => "/readyz";

    /// <summary>Adds a part that has to work.</summary>
    public void Add(IReadinessCheck check)
    {
        lock (_lock)
        {
            _checks = [.. _checks, check];
        }
    }

    /// <summary>Why the process is not ready whatever its parts say; null lets them say.</summary>
    public void SetObstacle(string? reason)
    {
        lock (_lock)
        {
            _obstacle = reason;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<HttpAnswer> RenderAsync(CancellationToken cancellation)
    {
        IReadinessCheck[] checks;
        string? obstacle;
        lock (_lock)
        {
            (checks, obstacle) = (_checks, _obstacle);
        }

        List<string> reasons = obstacle is null ? [] : [obstacle];
        foreach (IReadinessCheck check in obstacle is null ? checks : [])
        {
            reasons.AddRange(await check.ReasonsAsync(cancellation));
        }

        return new HttpAnswer(reasons.Count == 0 ? 200 : 503, "application/json", Json(reasons));
    }

    private static byte[] Json(List<string> reasons)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text))
        {
            json.WriteStartObject();
            json.WriteBoolean("ready", reasons.Count == 0);
            json.WriteStartArray("reasons");
            foreach (string reason in reasons)
            {
                json.WriteStringValue(reason);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        text.WriteByte((byte)'\n');
        return text.ToArray();
    }
}
