using System.Net;
using System.Net.Sockets;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Lifecycle;

/// <summary>The demo starts, stops, and goes on with what is there.</summary>
public sealed class StartStopTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_signal_stops_it_cleanly_and_a_restart_goes_on_with_the_data(bool interrupt)
    {
        using var scratch = new Scratch();
        using (var demo = DemoProcess.Start(scratch))
        {
            Tool.QemuIo(demo.Uri, "write -P 0x5a 0 1M").Succeeded();
            Assert.Equal(0, interrupt ? demo.Interrupt() : demo.Terminate());
            Replicas.AssertIdentical(demo);
        }

        using var again = DemoProcess.Start(scratch);
        Tool.QemuIo(again.Uri, "read -P 0x5a 0 1M", "read -P 0 1M 1M").Succeeded();
        Assert.All([1, 2, 3], node => Assert.Equal("synced", again.ChildState(node)));
        Assert.DoesNotContain(
            again.Events("VOLUME_CONDITION_CHANGE"),
            item => item.GetProperty("data").GetProperty("condition").GetString() != "healthy");
    }

    [Fact]
    public void It_stops_while_a_client_is_attached()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(scratch.File("nbd.sock")));

        Assert.Equal(0, demo.Terminate());
    }

    [Fact]
    public void After_a_crash_the_stale_sockets_are_replaced_and_flushed_writes_are_there()
    {
        using var scratch = new Scratch();
        using (var demo = DemoProcess.Start(scratch))
        {
            Tool.QemuIo(demo.Uri, "write -P 0x5a 0 1M", "flush").Succeeded();
            demo.Crash();
            Assert.True(File.Exists(scratch.File("nbd.sock")));
        }

        using var again = DemoProcess.Start(scratch);
        Tool.QemuIo(again.Uri, "read -P 0x5a 0 1M").Succeeded();
        again.Command("status").Succeeded();
    }

    [Fact]
    public void A_file_that_is_no_socket_is_left_alone_at_the_sockets_path()
    {
        using var scratch = new Scratch();
        File.WriteAllText(scratch.File("nbd.sock"), "precious");

        var result = DemoProcess.StartAndFail(scratch, new DemoOptions());

        Assert.NotEqual(0, result.ExitCode);
        Assert.Equal("precious", File.ReadAllText(scratch.File("nbd.sock")));
    }

    [Fact]
    public void A_second_process_on_the_same_data_is_refused_and_the_first_goes_on()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        Tool.QemuIo(demo.Uri, "write -P 0x5a 0 1M").Succeeded();

        var second = DemoProcess.StartAndFail(
            scratch, new DemoOptions { Nbd = $"unix:{scratch.File("other.sock")}" });

        Assert.NotEqual(0, second.ExitCode);
        Tool.QemuIo(demo.Uri, "read -P 0x5a 0 1M").Succeeded();
        demo.Command("status").Succeeded();
    }

    [Fact]
    public void It_listens_on_loopback_TCP()
    {
        using var scratch = new Scratch();
        var address = $"127.0.0.1:{FreePort()}";
        using var demo = DemoProcess.Start(scratch, new DemoOptions { Nbd = address });

        Assert.Equal($"nbd://{address}/demo", demo.Uri);
        Tool.QemuIo(demo.Uri, "write -P 0x5a 0 1M", "read -P 0x5a 0 1M").Succeeded();
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("[::]")]
    public void An_address_that_is_not_loopback_is_refused_with_the_reason(string host)
    {
        using var scratch = new Scratch();

        var result = DemoProcess.StartAndFail(scratch, new DemoOptions { Nbd = $"{host}:{FreePort()}" });

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains($"{host}:", result.Output, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--threshold", "4")]
    [InlineData("--threshold", "0")]
    [InlineData("--digest", "md5")]
    [InlineData("--rewrite-corrupted", "maybe")]
    public void A_wrong_option_is_refused_by_name(string option, string value)
    {
        using var scratch = new Scratch();

        var result = DemoProcess.StartAndFail(scratch, new DemoOptions { More = [option, value] });

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(option, result.Output, StringComparison.Ordinal);
        Assert.Contains(value, result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_option_is_refused_in_one_line()
    {
        using var scratch = new Scratch();

        var result = DemoProcess.StartAndFail(scratch, new DemoOptions { More = ["--bogus", "1"] });

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("'--bogus' is no option of", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_that_is_none_is_refused()
    {
        using var scratch = new Scratch();

        var result = DemoProcess.StartAndFail(scratch, new DemoOptions { Size = "12XB" });

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("--size", result.Output, StringComparison.Ordinal);
        Assert.Contains("12XB", result.Output, StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
