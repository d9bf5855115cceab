using Replication.Messages.Digests;

namespace Replication.Coordinator.Voting;

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
