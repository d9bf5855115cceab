using Replication.Coordinator.Voting;
using Replication.Messages.Digests;

namespace Replication.Coordinator.Tests.Voting;

/// <summary>
/// Answers written as words: a letter is a version, a dot is pending, a digit is an error that the child
/// reported, and a digit after ! is the errno of a child that is out.
/// </summary>
internal static class Answers
{
    internal static ChildAnswer[] Of(string words)
    {
        List<ChildAnswer> answers = [];
        for (int i = 0; i < words.Length; i++)
        {
            answers.Add(words[i] switch
            {
                '.' => ChildAnswer.Pending,
                '!' => ChildAnswer.Gone(words[++i] - '0'),
                >= '0' and <= '9' => ChildAnswer.Error(words[i] - '0'),
                _ => ChildAnswer.Value(Version(words[i])),
            });
        }

        return [.. answers];
    }

    internal static Digest Version(char letter) => Digest.Compute(DigestKind.Xxh128, [(byte)letter]);
}
