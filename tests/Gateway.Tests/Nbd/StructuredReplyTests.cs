using System.Buffers.Binary;
using Replication.Gateway.Nbd.Transmission;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>Items 7 and 8 of the list of what a server must do: chunks of reads, and block status.</summary>
public sealed class StructuredReplyTests
{
    private const int Block = 4096;

    [Fact]
    public async Task Aligned_blocks_of_zeroes_come_as_holes_and_the_rest_as_data()
    {
        await using TestServer server = new();
        Array.Fill(server.Volume.Data, (byte)9, 2 * Block, Block);
        server.Volume.Data[(5 * Block) + 17] = 1;
        using RawClient client = server.Attach();
        client.SendRequest(RawClient.Read, 1, 0, 8 * Block);
        Assert.Equal(
            [(2, 0, 2), (1, 2, 1), (2, 3, 2), (1, 5, 1), (2, 6, 2)],
            ReadChunks(client).Select(chunk => (chunk.Type, chunk.Offset / Block, chunk.Length / Block)));
    }

    [Fact]
    public async Task A_zero_block_that_is_read_in_part_is_data()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach();
        client.SendRequest(RawClient.Read, 1, 100, (2 * Block) + 50);
        Assert.Equal(
            [(1, 100, Block - 100), (2, Block, Block), (1, 2 * Block, 150)],
            ReadChunks(client).Select(chunk => (chunk.Type, chunk.Offset, chunk.Length)));
        client.SendRequest(RawClient.Read, 1, 0, Block - 1);
        Assert.Equal(
            [(1, 0, Block - 1)],
            ReadChunks(client).Select(chunk => (chunk.Type, chunk.Offset, chunk.Length)));
    }

    [Fact]
    public async Task Df_brings_one_chunk_of_data_whatever_it_holds()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach();
        client.SendRequest(RawClient.Read, 1, 0, 2 << 20, RawClient.Df);
        Assert.Equal(
            [(1, 0, 2 << 20)], ReadChunks(client).Select(chunk => (chunk.Type, chunk.Offset, chunk.Length)));
    }

    [Fact]
    public async Task A_read_that_alternates_at_every_block_is_covered_without_gap_or_overlap()
    {
        await using TestServer server = new();
        for (int at = 0; at < TestServer.SizeBytes; at += 2 * Block)
        {
            server.Volume.Data.AsSpan(at, Block).Fill((byte)(1 + (at / Block)));
        }

        // Far more chunks than one batch of the writer holds.
        using RawClient client = server.Attach();
        client.SendRequest(RawClient.Read, 1, 0, TestServer.SizeBytes);
        List<Chunk> chunks = ReadChunks(client);
        Assert.Equal(TestServer.SizeBytes / Block, chunks.Count);
        byte[] whole = new byte[TestServer.SizeBytes];
        int next = 0;
        foreach (Chunk chunk in chunks)
        {
            Assert.Equal(next, chunk.Offset);
            chunk.Data.CopyTo(whole.AsSpan(next));
            next += chunk.Length;
        }

        Assert.Equal(server.Volume.Data, whole);
    }

    [Fact]
    public async Task Block_status_joins_neighbours_and_stays_in_the_range()
    {
        await using TestServer server = new();
        server.Volume.Data[130 << 10] = 1;
        server.Volume.Data[200 << 10] = 1;
        using RawClient client = server.Attach(allocation: true);
        RawClient.Reply status = client.Ask(RawClient.BlockStatus, 1000, 400_000);
        Assert.Equal((ushort)5, status.Type);
        Assert.Equal(
            [(131_072 - 1000, 3), (131_072, 0), (400_000 + 1000 - 262_144, 3)], ExtentsOf(status.Data));
        RawClient.Reply one = client.Ask(RawClient.BlockStatus, 0, 262_144, RawClient.ReqOne);
        Assert.Equal([(131_072, 3)], ExtentsOf(one.Data));
        RawClient.Reply within = client.Ask(RawClient.BlockStatus, 4096, 4096, RawClient.ReqOne);
        Assert.Equal([(4096, 3)], ExtentsOf(within.Data));
    }

    [Fact]
    public async Task Block_status_needs_a_negotiated_context()
    {
        await using TestServer server = new();
        using RawClient plain = server.Attach();
        Assert.Equal(22u, plain.Ask(RawClient.BlockStatus, 0, 4096).Error);
        using RawClient simple = server.Attach(structured: false);
        Assert.Equal(22u, simple.Ask(RawClient.BlockStatus, 0, 4096).Error);
        Assert.Empty(server.Volume.Asked);
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(ulong.MaxValue)]
    [InlineData(0x25609513_67446698ul)]
    public async Task A_read_has_chunks_and_nothing_else_even_when_it_is_refused(ulong cookie)
    {
        await using TestServer server = new();
        using RawClient client = server.Attach();
        (ulong Offset, uint Length, ushort Flags, ushort Type, uint Error)[] reads =
        [
            (0, 16, 0, 1, 0), (0, 0, 0, 0, 0),
            (TestServer.SizeBytes, 1, 0, 0x8001, 22), (0, 1, 64, 0x8001, 22),
        ];
        foreach ((ulong offset, uint length, ushort flags, ushort type, uint error) in reads)
        {
            client.SendRequest(RawClient.Read, cookie, offset, length, flags);
            RawClient.Reply reply = client.ReadReply();
            Assert.Equal(
                (cookie, error, type, true), (reply.Cookie, reply.Error, reply.Type!.Value, reply.Done));
        }
    }

    [Fact]
    public async Task A_failed_block_status_is_an_error_chunk()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach(allocation: true);
        server.Volume.FailNext(5);
        RawClient.Reply failed = client.Ask(RawClient.BlockStatus, 0, 4096);
        Assert.Equal(((ushort)0x8001, 5u), (failed.Type!.Value, failed.Error));
    }

    [Fact]
    public void Runs_of_zeroes_agree_with_a_naive_search_at_every_alignment()
    {
        Random random = new(7);
        for (int round = 0; round < 300; round++)
        {
            byte[] data = new byte[random.Next(1, 6 * Block)];
            ulong offset = (ulong)random.Next(3 * Block);
            for (int marks = random.Next(4); marks > 0; marks--)
            {
                data[random.Next(data.Length)] = 1;
            }

            bool[] holes = NaiveHoles(data, offset);
            int at = 0;
            while (at < data.Length)
            {
                (int length, bool hole) = ZeroRuns.First(data.AsSpan(at), offset + (ulong)at);
                Assert.InRange(length, 1, data.Length - at);
                Assert.True(holes.AsSpan(at, length).IndexOfAnyExcept(hole) < 0);
                Assert.True(at + length == data.Length || holes[at + length] != hole);
                at += length;
            }
        }
    }

    /// <summary>
    /// For each byte: does it lie in a whole, aligned block of zeroes? Block by block, byte by byte.
    /// </summary>
    private static bool[] NaiveHoles(byte[] data, ulong offset)
    {
        bool[] holes = new bool[data.Length];
        for (long start = -(long)(offset % Block); start < data.Length; start += Block)
        {
            bool whole = start >= 0 && start + Block <= data.Length;
            for (int i = 0; whole && i < Block; i++)
            {
                whole = data[start + i] == 0;
            }

            for (long i = Math.Max(start, 0); i < Math.Min(start + Block, data.Length); i++)
            {
                holes[i] = whole;
            }
        }

        return holes;
    }

    private static List<(int Length, int Flags)> ExtentsOf(byte[] data)
    {
        Assert.Equal(1u, BinaryPrimitives.ReadUInt32BigEndian(data));
        List<(int Length, int Flags)> extents = [];
        for (int at = 4; at < data.Length; at += 8)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(at));
            extents.Add((length, BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(at + 4))));
        }

        return extents;
    }

    private static List<Chunk> ReadChunks(RawClient client)
    {
        List<Chunk> chunks = [];
        while (true)
        {
            RawClient.Reply reply = client.ReadReply();
            bool hole = reply.Type == 2;
            int offset = (int)BinaryPrimitives.ReadUInt64BigEndian(reply.Data);
            byte[] data = reply.Data[8..];
            data = hole ? new byte[BinaryPrimitives.ReadInt32BigEndian(data)] : data;
            chunks.Add(new Chunk(reply.Type!.Value, offset, data.Length, data));
            if (reply.Done)
            {
                return chunks;
            }
        }
    }

    private sealed record Chunk(int Type, int Offset, int Length, byte[] Data);
}
