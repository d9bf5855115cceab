using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Clients;

/// <summary>Scripts in libnbd's Python shell use a volume as any NBD export.</summary>
public sealed class NbdshTests
{
    [Fact]
    public void Python_scripts_read_write_zero_trim_flush_and_ask_for_block_status()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        Tool.Nbdsh(demo.Uri, """
            import os
            data = os.urandom(300000)
            h.pwrite(data, 1000001, nbd.CMD_FLAG_FUA)
            assert h.pread(len(data), 1000001) == data
            assert h.pread(len(data), 1000001) == data
            h.zero(100000, 1100001)
            h.trim(65536, 1000001 + 200000)
            h.flush()
            back = h.pread(len(data), 1000001)
            assert back[:100000] == data[:100000]
            assert back[100000:200000] == bytes(100000)
            assert back[200000:265536] == bytes(65536)
            assert back[265536:] == data[265536:]
            assert h.pread_structured(4096, 1000001, lambda *_: 0, nbd.CMD_FLAG_DF) == data[:4096]
            h.cache(65536, 0)
            """).Succeeded();
    }

    [Fact]
    public void A_request_past_the_end_gets_its_error_and_the_connection_lives()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        Tool.Nbdsh(demo.Uri, """
            import errno
            h.set_strict_mode(0)
            def error(call):
                try:
                    call()
                except nbd.Error as e:
                    return e.errnum
                return 0
            size = h.get_size()
            assert error(lambda: h.pread(512, size)) == errno.EINVAL
            assert error(lambda: h.pwrite(bytes(512), size)) == errno.ENOSPC
            assert error(lambda: h.zero(512, size)) == errno.ENOSPC
            assert error(lambda: h.trim(512, size)) == errno.EINVAL
            h.pwrite(b"a" * 512, size - 512)
            assert h.pread(512, size - 512) == b"a" * 512
            """).Succeeded();
    }

    [Fact]
    public void Writes_of_one_connection_are_read_by_another()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        Tool.Nbdsh(demo.Uri, $"""
            other = nbd.NBD()
            other.connect_uri("{demo.Uri}")
            for i in range(1, 200):
                h.pwrite(bytes([i]) * 5000, i * 333)
                assert other.pread(5000, i * 333) == bytes([i]) * 5000
            other.flush()
            """).Succeeded();
    }

    [Fact]
    public void A_flush_on_one_connection_covers_the_writes_of_all()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        Tool.Nbdsh(demo.Uri, $"""
            others = [nbd.NBD() for _ in range(16)]
            for other in others:
                other.connect_uri("{demo.Uri}")
                assert other.can_multi_conn()
            for i, other in enumerate(others):
                other.pwrite(bytes([i + 1]) * 65536, i * 65536)
            h.flush()
            """).Succeeded();
        demo.Crash();

        // Nobody flushed again: what the one flush covered is in the files.
        for (var connection = 0; connection < 16; connection++)
        {
            Assert.All(
                Replicas.Bytes(demo.ReplicaFile(1), connection * 65536, 65536),
                value => Assert.Equal(connection + 1, value));
        }

        Replicas.AssertIdentical(demo);
    }

    [Fact]
    public void Hundreds_of_requests_in_flight_on_one_connection_are_each_answered_once()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        Tool.Nbdsh(demo.Uri, """
            answered = []
            def done(i):
                def completed(error):
                    assert error.value == 0, error.value
                    answered.append(i)
                    return 1
                return completed
            def wait(count):
                while len(answered) < count:
                    assert h.poll(10000) == 1
            buffers = [nbd.Buffer.from_bytearray(bytearray([i % 251 + 1]) * 4096) for i in range(400)]
            for i, buffer in enumerate(buffers):
                h.aio_pwrite(buffer, i * 4096, done(i))
            wait(400)
            back = [nbd.Buffer(4096) for i in range(400)]
            for i, buffer in enumerate(back):
                h.aio_pread(buffer, i * 4096, done(400 + i))
            wait(800)
            assert sorted(answered) == list(range(800))
            for i, buffer in enumerate(back):
                assert buffer.to_bytearray() == bytearray([i % 251 + 1]) * 4096, i
            """).Succeeded();
    }

    [Fact]
    public void The_longest_request_is_served_and_a_longer_one_gets_an_error_on_a_living_connection()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        Tool.Nbdsh(demo.Uri, """
            import errno, os
            h.set_strict_mode(0)
            longest = h.get_block_size(nbd.SIZE_MAXIMUM)
            data = os.urandom(longest)
            h.pwrite(data, 777)
            assert h.pread(longest, 777) == data
            for call in (lambda: h.pwrite(bytes(longest + 512), 0), lambda: h.pread(longest + 512, 0)):
                try:
                    call()
                    assert False, "served"
                except nbd.Error as e:
                    assert e.errnum in (errno.EINVAL, errno.EOVERFLOW), e
                assert h.pread(4096, 777) == data[:4096]
            """).Succeeded();
    }

    [Fact]
    public void Options_are_negotiated_step_by_step_and_a_wrong_name_can_be_followed_by_the_right_one()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        Tool.Run("/usr/bin/python3", "-c", $"""
            import nbd
            h = nbd.NBD()
            h.set_opt_mode(True)
            h.add_meta_context(nbd.CONTEXT_BASE_ALLOCATION)
            h.connect_uri("{demo.Uri}")
            names = []
            assert h.opt_list(lambda name, description: names.append(name) or 0) == 1
            assert names == ["demo"]
            contexts = []
            assert h.opt_list_meta_context(lambda name: contexts.append(name) or 0) == 1
            assert contexts == ["base:allocation"]
            h.opt_info()
            assert h.get_size() == 64 << 20
            h.set_export_name("nobody")
            for option in (h.opt_info, h.opt_go):
                try:
                    option()
                    assert False, "found"
                except nbd.Error as e:
                    assert e.errno == "ENOENT", e
            h.set_export_name("demo")
            h.opt_go()
            h.pwrite(bytes([7]) * 65536, 1 << 20)
            extents = []
            def status(context, offset, entries, error):
                assert context == "base:allocation"
                extents.append((offset, entries))
                return 0
            h.block_status(3 << 20, 0, status)
            assert extents == [(0, [1 << 20, 3, 65536, 0, (2 << 20) - 65536, 3])], extents
            extents.clear()
            h.block_status(3 << 20, 0, status, nbd.CMD_FLAG_REQ_ONE)
            assert extents == [(0, [1 << 20, 3])], extents
            h.shutdown()
            """).Succeeded();
    }
}
