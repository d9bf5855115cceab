using BenchmarkDotNet.Attributes;
using Replication.Actors.Buffers;
using Replication.Actors.Remoting.Codecs;
using Replication.Messages;
using Replication.Messages.Codecs;
using Replication.Messages.Digests;

namespace Replication.Micro;

/// <summary>
/// One message into bytes and back, without its frame; the payload of a write is not copied.
/// </summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private readonly WireWriter _writer = new();
    private readonly IMessageCodec _reads = CodecOf(typeof(ReadReplica));
    private readonly IMessageCodec _writes = CodecOf(typeof(WriteReplica));
    private readonly ReadReplica _read =
        new(1, new ReplicaTicket(1, 1, 1), 4096, 4096, ReplicaReadMode.Digest, DigestKind.Xxh128);
    private readonly WriteReplica _write =
        new(1, new ReplicaTicket(1, 1, 1), 1, 1, 4096, PooledBuffer.Rent(4096), Fua: false);

    /// <summary>A request without payload.</summary>
    [Benchmark]
    public object Read() => ThereAndBack(_reads, _read, payload: null);

    /// <summary>A request with one.</summary>
    [Benchmark]
    public object Write() => ThereAndBack(_writes, _write, _write.Payload);

    private static IMessageCodec CodecOf(Type message) =>
        ReplicationCodecs.All.Single(codec => codec.MessageType == message);

    private object ThereAndBack(IMessageCodec codec, object message, PooledBuffer? payload)
    {
        _writer.Reset(1024);
        codec.Write(message, _writer);
        return codec.Read(_writer.Written, payload);
    }
}
