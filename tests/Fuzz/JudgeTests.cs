using Replication.Fuzz.Checking;
using Replication.Fuzz.Conversations;
using Replication.Fuzz.Wire;

namespace Replication.Fuzz;

/// <summary>
/// The judge accepts right answers and sees wrong ones: it is what a fuzz run's silence rests on.
/// </summary>
public sealed class JudgeTests
{
    private const ulong Cookie = 0x0102030405060708;
    private static readonly FuzzTarget Target = new("disk", 1 << 20, "other");

    private static readonly byte[] Hello = [.. Nbd.Be(Nbd.Greeting), .. Nbd.Be(Nbd.OptionMagic), 0, 3];

    private static readonly byte[] ExportFact =
        [0, 0, .. Nbd.Be(1ul << 20), 0b0000_1101, 0b0110_1101];

    private static readonly byte[] GoSent = Nbd.Option(Nbd.Go, Nbd.InfoData("disk"));

    private static readonly byte[] GoAnswer =
        [.. Reply(Nbd.Go, Nbd.InfoReply, ExportFact), .. Reply(Nbd.Go, Nbd.Ack)];

    private static readonly byte[] StructuredSent = Nbd.Option(Nbd.StructuredReply, []);
    private static readonly byte[] StructuredAnswer = Reply(Nbd.StructuredReply, Nbd.Ack);
    private static readonly byte[] Read8 = Nbd.Request(Nbd.Read, 0, Cookie, 4096, 8);

    [Fact]
    public void A_right_conversation_is_accepted()
    {
        Assert.Null(Simple(Read8, SimpleReply(0, 8)));
        Assert.Null(Structured(Read8, [.. Data(4096, 3, last: false), .. Hole(4099, 5, last: true)]));
        Assert.Null(Structured(Read8, [.. Data(4096, 8, last: false), .. Chunk(0, [], last: true)]));
        Assert.Null(Simple(Nbd.Request(Nbd.Write, 0, Cookie, 1 << 20, 2, [1, 2]), SimpleReply(28)));
        Assert.Null(Simple(Nbd.Request(Nbd.WriteZeroes, 18, Cookie, 0, 2), SimpleReply(95)));
        Assert.Null(Judge(Nbd.Option(4711, [1]), Reply(4711, Nbd.ErrUnsup, "no"u8)));
        Assert.Null(Judge(Nbd.Option(Nbd.Go, Nbd.InfoData("x")), Reply(Nbd.Go, Nbd.ErrUnknown)));
        Assert.Null(Judge(Nbd.Option(Nbd.Go, [1, 2]), Reply(Nbd.Go, Nbd.ErrInvalid)));
        Assert.Null(Judge(Nbd.Option(Nbd.Abort, []), Reply(Nbd.Abort, Nbd.Ack)));
        Assert.Null(Judge(Nbd.Option(Nbd.ExportName, "nope"u8.ToArray()), []));
    }

    [Fact]
    public void Wrong_answers_to_options_are_seen()
    {
        Assert.Contains("ends with 1", Judge(Nbd.Option(4711, []), Reply(4711, Nbd.Ack)));
        Assert.Contains("is answered as 5", Judge(Nbd.Option(4711, []), Reply(5, Nbd.ErrUnsup)));
        Assert.Contains("fact is missing", Judge(GoSent, Reply(Nbd.Go, Nbd.Ack)));
        Assert.Contains("no whole answer", Judge(Nbd.Option(4711, []), []));
        Assert.Contains("is cut", Judge(GoSent, GoAnswer[..25]));
        Assert.Contains("too many", Judge(Nbd.Option(Nbd.ExportName, "nope"u8.ToArray()), [1]));
        Assert.Contains(
            "reply of type 2", Judge(GoSent, [.. Reply(Nbd.Go, Nbd.ServerReply, ExportFact), .. GoAnswer]));
        Assert.Contains(
            "twice", Judge(GoSent, [.. Reply(Nbd.Go, Nbd.InfoReply, ExportFact), .. GoAnswer]));
    }

    [Fact]
    public void Wrong_replies_to_requests_are_seen()
    {
        Assert.Contains("never answered", Simple(Read8, []));
        Assert.Contains("waits for none", Simple([], SimpleReply(0)));
        Assert.Contains("waits for none", Simple(Read8, [.. SimpleReply(0, 8), .. SimpleReply(0, 8)]));
        Assert.Contains("error 5, allowed", Simple(Read8, SimpleReply(5)));
        Assert.Contains("error 0, allowed 22", Simple(Nbd.Request(77, 0, Cookie, 0, 0), SimpleReply(0)));
        Assert.Contains(
            "error 0, allowed 28",
            Simple(Nbd.Request(Nbd.Write, 0, Cookie, 1 << 20, 1, [1]), SimpleReply(0)));
        Assert.Contains("a reply starts with", Simple(Read8, new byte[4]));
        Assert.Contains("were not negotiated", Simple(Read8, Data(4096, 8, last: true)));
    }

    [Fact]
    public void Wrong_chunks_are_seen()
    {
        Assert.Contains("simple reply", Structured(Read8, SimpleReply(0, 8)));
        Assert.Contains("3 of 8 bytes", Structured(Read8, Data(4096, 3, last: true)));
        Assert.Contains("never answered", Structured(Read8, Data(4096, 8, last: false)));
        Assert.Contains("a gap", Structured(Read8, Data(4097, 7, last: true)));
        Assert.Contains("more than", Structured(Read8, Data(4096, 9, last: true)));
        Assert.Contains("a gap", Structured(Read8, [.. Data(4096, 8, false), .. Data(4096, 8, last: true)]));
        byte[] df = Nbd.Request(Nbd.Read, Nbd.Df, Cookie, 0, 8);
        Assert.Contains("DF", Structured(df, [.. Data(0, 3, last: false), .. Data(3, 5, last: true)]));
        Assert.Contains("DF", Structured(df, Hole(0, 8, last: true)));
        byte[] error = [0, 0, 0, 5, 0, 0];
        Assert.Contains("error 5", Structured(Read8, Chunk(Nbd.ChunkError, error, last: true)));
        Assert.Contains("a chunk of type", Structured(Read8, Chunk(9, [], last: true)));
    }

    [Fact]
    public void Wrong_extents_are_seen()
    {
        byte[] set = Nbd.Option(Nbd.SetMetaContext, Nbd.MetaData("disk", "base:allocation"));
        byte[] setAnswer =
        [
            .. Reply(Nbd.SetMetaContext, Nbd.MetaContextReply, "....base:allocation"u8),
            .. Reply(Nbd.SetMetaContext, Nbd.Ack),
        ];
        byte[] sent = [.. StructuredSent, .. set, .. GoSent];
        byte[] answer = [.. StructuredAnswer, .. setAnswer, .. GoAnswer];
        byte[] one = Nbd.Request(Nbd.BlockStatus, Nbd.ReqOne, Cookie, 0, 512);
        Assert.Null(Ask(one, 500));
        Assert.Contains("1 extents of 513", Ask(one, 513));
        Assert.Contains("of no bytes", Ask(one, 0));
        Assert.Contains("2 extents", Ask(one, 100, 100));
        Assert.Null(Ask(Nbd.Request(Nbd.BlockStatus, 0, Cookie, 0, 512), 100, 100));

        string? Ask(byte[] request, params uint[] extents)
        {
            byte[] data = [0, 0, 0, 1, .. extents.SelectMany(length => new[] { Nbd.Be(length), Nbd.Be(3u) })
                .SelectMany(static bytes => bytes)];
            return Judge([.. sent, .. request], [.. answer, .. Chunk(Nbd.ChunkStatus, data, last: true)]);
        }
    }

    [Fact]
    public void A_part_of_right_answers_is_no_complaint_while_more_may_come()
    {
        byte[] answers = [.. Hello, .. GoAnswer, .. SimpleReply(0, 8)];
        for (int length = Hello.Length; length < answers.Length; length++)
        {
            byte[] sent = [.. Nbd.Be(3u), .. GoSent, .. Read8];
            ReadOnlyMemory<byte> part = answers.AsMemory(0, length);
            Assert.Null(new ConversationJudge(Target, sent, part, isWhole: false).Complaint());
            Assert.NotNull(new ConversationJudge(Target, sent, part, isWhole: true).Complaint());
        }
    }

    private static string? Simple(byte[] request, byte[] reply) =>
        Judge([.. GoSent, .. request], [.. GoAnswer, .. reply]);

    private static string? Structured(byte[] request, byte[] reply) => Judge(
        [.. StructuredSent, .. GoSent, .. request], [.. StructuredAnswer, .. GoAnswer, .. reply]);

    private static string? Judge(byte[] sent, byte[] answers) => new ConversationJudge(
        Target, (byte[])[.. Nbd.Be(3u), .. sent], (byte[])[.. Hello, .. answers], isWhole: true).Complaint();

    private static byte[] Reply(uint option, uint type, ReadOnlySpan<byte> data = default) =>
    [
        .. Nbd.Be(Nbd.OptionReplyMagic), .. Nbd.Be(option), .. Nbd.Be(type), .. Nbd.Be((uint)data.Length),
        .. data,
    ];

    private static byte[] SimpleReply(uint error, int dataBytes = 0) =>
        [.. Nbd.Be(Nbd.SimpleMagic), .. Nbd.Be(error), .. Nbd.Be(Cookie), .. new byte[dataBytes]];

    private static byte[] Data(ulong offset, int length, bool last) =>
        Chunk(Nbd.ChunkData, [.. Nbd.Be(offset), .. new byte[length]], last);

    private static byte[] Hole(ulong offset, uint length, bool last) =>
        Chunk(Nbd.ChunkHole, [.. Nbd.Be(offset), .. Nbd.Be(length)], last);

    private static byte[] Chunk(ushort type, byte[] data, bool last) =>
    [
        .. Nbd.Be(Nbd.ChunkMagic), .. Nbd.Be((ushort)(last ? 1 : 0)), .. Nbd.Be(type), .. Nbd.Be(Cookie),
        .. Nbd.Be((uint)data.Length), .. data,
    ];
}
