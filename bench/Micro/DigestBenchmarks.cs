using BenchmarkDotNet.Attributes;
using Replication.Messages.Digests;

namespace Replication.Micro;

/// <summary>The digests, of data that lies in the cache if it fits.</summary>
public class DigestBenchmarks
{
    private byte[] _data = [];

    /// <summary>What is digested.</summary>
    [Params(4 << 10, 64 << 10, 1 << 20)]
    public int LengthBytes { get; set; }

    /// <summary>By which digest.</summary>
    [Params(DigestKind.Xxh128, DigestKind.Sha256)]
    public DigestKind Kind { get; set; }

    /// <summary>The same noise each time.</summary>
    [GlobalSetup]
    public void Fill()
    {
        _data = new byte[LengthBytes];
        new Random(1).NextBytes(_data);
    }

    /// <summary>One digest of all.</summary>
    [Benchmark]
    public Digest Compute() => Digest.Compute(Kind, _data);
}
