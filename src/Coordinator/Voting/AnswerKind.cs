namespace Replication.Coordinator.Voting;

/// <summary>What is known of one child's answer to a read.</summary>
public enum AnswerKind : byte
{
    /// <summary>Asked, not answered yet.</summary>
    Pending,

    /// <summary>It answered with a version, known by its digest.</summary>
    Value,

    /// <summary>It answered in this epoch that it failed.</summary>
    Error,

    /// <summary>It is out: timed out, or its connection was lost. It confirms nothing.</summary>
    Gone,
}
