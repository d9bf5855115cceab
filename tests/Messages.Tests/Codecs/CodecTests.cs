using FsCheck;
using FsCheck.Fluent;
using Replication.Actors.Buffers;
using Replication.Actors.Remoting.Codecs;
using Replication.Messages.Codecs;

namespace Replication.Messages.Tests.Codecs;

/// <summary>
/// Every wire message comes back as it went; whatever else comes throws the one exception that reading may
/// throw, and allocates in proportion to what came.
/// </summary>
public sealed class CodecTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(500);

    [Fact]
    public void Every_message_comes_back_as_it_went() => Prop.ForAll(
        WireMessages.Any,
        message =>
        {
            IMessageCodec codec = CodecOf(message);
            object back = codec.Read(Encode(codec, message), codec.PayloadOf(message));
            Assert.Equal(WireMessages.Describe(message), WireMessages.Describe(back));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Every_prefix_of_a_message_is_refused() => Prop.ForAll(
        WireMessages.Any,
        message =>
        {
            IMessageCodec codec = CodecOf(message);
            byte[] body = Encode(codec, message);
            for (int lengthBytes = 0; lengthBytes < body.Length; lengthBytes += 1 + (lengthBytes / 100))
            {
                byte[] prefix = body[..lengthBytes];
                Assert.Throws<MalformedMessageException>(() => codec.Read(prefix, codec.PayloadOf(message)));
            }
        }).Check(Runs);

    [Fact]
    public void A_byte_more_is_refused() => Prop.ForAll(
        WireMessages.Any,
        message =>
        {
            IMessageCodec codec = CodecOf(message);
            byte[] longer = [.. Encode(codec, message), 0];
            Assert.Throws<MalformedMessageException>(() => codec.Read(longer, codec.PayloadOf(message)));
        }).Check(Runs);

    [Fact]
    public void A_changed_byte_gives_a_message_or_the_one_exception() => Prop.ForAll(
        WireMessages.Any,
        ArbMap.Default.ArbFor<int>(),
        ArbMap.Default.ArbFor<byte>(),
        (message, where, change) =>
        {
            IMessageCodec codec = CodecOf(message);
            byte[] body = Encode(codec, message);
            body[(int)((uint)where % (uint)body.Length)] ^= change;
            ReadOrRefuse(codec, body, codec.PayloadOf(message));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void Any_bytes_give_a_message_or_the_one_exception() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        bytes =>
        {
            foreach (IMessageCodec codec in ReplicationCodecs.All)
            {
                ReadOrRefuse(codec, bytes, payload: null);
            }
        }).Check(Runs);

    [Fact]
    public void Lengths_and_counts_over_their_bounds_allocate_nothing_for_them()
    {
        byte[] body = new byte[64];
        body.AsSpan().Fill(0x7F);
        foreach (IMessageCodec codec in ReplicationCodecs.All)
        {
            for (int start = 0; start < body.Length; start++)
            {
                byte[] claimed = body[start..];
                long before = GC.GetAllocatedBytesForCurrentThread();
                ReadOrRefuse(codec, claimed, payload: null);
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
            }
        }
    }

    [Fact]
    public void A_write_without_a_payload_and_a_payload_without_a_place_are_refused()
    {
        WriteReplica write = new(1, default, 2, 3, 4, PooledBuffer.CopyOf([1]), Fua: false);
        byte[] writeBody = Encode(CodecOf(write), write);
        Assert.Throws<MalformedMessageException>(() => CodecOf(write).Read(writeBody, payload: null));

        ReplicaDone done = new(1);
        byte[] doneBody = Encode(CodecOf(done), done);
        PooledBuffer stray = PooledBuffer.CopyOf([1]);
        Assert.Throws<MalformedMessageException>(() => CodecOf(done).Read(doneBody, stray));
    }

    [Fact]
    public void A_reason_that_is_too_long_is_cut_so_that_it_can_be_read()
    {
        ReplicaFailed failed = new(1, ReplicaRefusal.Busy, 16, new string('€', 10_000));
        IMessageCodec codec = CodecOf(failed);
        ReplicaFailed back = (ReplicaFailed)codec.Read(Encode(codec, failed), payload: null);
        Assert.StartsWith("€€€", back.Reason, StringComparison.Ordinal);
        Assert.InRange(back.Reason.Length, 1000, 10_000);
    }

    [Fact]
    public void Every_message_between_nodes_has_one_codec_with_a_number_of_its_own()
    {
        Type[] wireTypes =
        [
            .. typeof(ReplicaRequest).Assembly.GetTypes()
                .Where(static type => !type.IsAbstract && IsOfReplica(type)),
            typeof(CreateReplica), typeof(OpenReplica), typeof(ReplicaOpened), typeof(RemoveReplica),
        ];
        IEnumerable<Type> codecTypes = ReplicationCodecs.All.Select(static codec => codec.MessageType);
        Assert.Equal(
            wireTypes.OrderBy(static type => type.Name), codecTypes.OrderBy(static type => type.Name));
        Assert.Distinct(ReplicationCodecs.All.Select(static codec => codec.TypeId));
    }

    /// <summary>The numbers are the wire format: this test fails when one is changed.</summary>
    [Theory]
    [InlineData(typeof(CreateReplica), 64)]
    [InlineData(typeof(OpenReplica), 65)]
    [InlineData(typeof(ReplicaOpened), 66)]
    [InlineData(typeof(RemoveReplica), 67)]
    [InlineData(typeof(ReadReplica), 80)]
    [InlineData(typeof(WriteReplica), 81)]
    [InlineData(typeof(ZeroReplica), 82)]
    [InlineData(typeof(FlushReplica), 83)]
    [InlineData(typeof(QueryReplicaExtents), 84)]
    [InlineData(typeof(StoreReplicaRecord), 85)]
    [InlineData(typeof(CloseReplica), 86)]
    [InlineData(typeof(StampReplica), 87)]
    [InlineData(typeof(ListReplicaRegions), 88)]
    [InlineData(typeof(SettleReplica), 89)]
    [InlineData(typeof(ConfirmReplica), 90)]
    [InlineData(typeof(ReplicaRead), 112)]
    [InlineData(typeof(ReplicaDone), 113)]
    [InlineData(typeof(ReplicaFailed), 114)]
    [InlineData(typeof(ReplicaExtents), 115)]
    [InlineData(typeof(ReplicaRegions), 116)]
    public void A_message_keeps_its_number(Type type, int typeId) =>
        Assert.Equal(typeId, ReplicationCodecs.All.Single(codec => codec.MessageType == type).TypeId);

    private static bool IsOfReplica(Type type) =>
        type.IsAssignableTo(typeof(ReplicaRequest)) || type.IsAssignableTo(typeof(ReplicaReply));

    private static IMessageCodec CodecOf(object message) =>
        ReplicationCodecs.All.Single(codec => codec.MessageType == message.GetType());

    private static byte[] Encode(IMessageCodec codec, object message)
    {
        WireWriter body = new();
        codec.Write(message, body);
        return body.Written.ToArray();
    }

    private static void ReadOrRefuse(IMessageCodec codec, byte[] body, PooledBuffer? payload)
    {
        try
        {
            Assert.IsType(codec.MessageType, codec.Read(body, payload));
        }
        catch (MalformedMessageException refused)
        {
            Assert.NotEmpty(refused.Message);
        }
    }
}
