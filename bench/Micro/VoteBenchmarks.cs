using BenchmarkDotNet.Attributes;
using Replication.Coordinator.Voting;
using Replication.Messages.Digests;

namespace Replication.Micro;

/// <summary>One decision over the children's answers.</summary>
public class VoteBenchmarks
{
    private ChildAnswer[] _answers = [];

    /// <summary>Children that have answered.</summary>
    [Params(3, 5)]
    public int Children { get; set; }

    /// <summary>Children that answer otherwise than the rest.</summary>
    [Params(0, 1)]
    public int Liars { get; set; }

    /// <summary>The liars are the first.</summary>
    [GlobalSetup]
    public void Answer()
    {
        Digest right = Digest.Compute(DigestKind.Xxh128, [1]);
        Digest wrong = Digest.Compute(DigestKind.Xxh128, [2]);
        _answers = [.. Enumerable.Range(0, Children).Select(
            position => ChildAnswer.Value(position < Liars ? wrong : right))];
    }

    /// <summary>Who wins, with the default threshold.</summary>
    [Benchmark]
    public ReadOutcome Decide() => Vote.Decide(_answers, (Children / 2) + 1);
}
