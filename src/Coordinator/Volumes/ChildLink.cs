namespace Replication.Coordinator.Volumes;

/// <summary>Whether a child can be talked to.</summary>
public enum ChildLink
{
    /// <summary>Not open: being opened or waiting for its node.</summary>
    Closed,

    /// <summary>Open under the present session.</summary>
    Open,

    /// <summary>It timed out or its connection was lost; it needs a new session.</summary>
    Out,
}
