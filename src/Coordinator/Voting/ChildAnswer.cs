using Replication.Messages.Digests;

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

/// <summary>One child's answer, as far as the vote is concerned.</summary>
public readonly record struct ChildAnswer(AnswerKind Kind, Digest Digest, int Errno)
{
    /// <summary>Not answered yet.</summary>
    public static ChildAnswer Pending => default;

    /// <summary>A version.</summary>
    public static ChildAnswer Value(Digest digest) => new(AnswerKind.Value, digest, 0);

    /// <summary>A failure that the child itself reported.</summary>
    public static ChildAnswer Error(int errno) => new(AnswerKind.Error, default, errno);

    /// <summary>A child that is out.</summary>
    public static ChildAnswer Gone(int errno) => new(AnswerKind.Gone, default, errno);
}
