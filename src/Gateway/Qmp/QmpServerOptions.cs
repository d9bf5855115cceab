namespace Replication.Gateway.Qmp;

/// <summary>The bounds of a <see cref="QmpServer"/>.</summary>
public sealed record QmpServerOptions
{
    /// <summary>Most clients at a time; one more is closed at once.</summary>
    public int SessionsMax { get; init; } = QmpServer.SessionsMaxDefault;

    /// <summary>By which events are throttled.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
