using System.Net.Sockets;
using Replication.Gateway.Listening;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>Addresses, and what happens to the files of unix sockets.</summary>
public sealed class ListeningTests
{
    [Fact]
    public async Task Port_zero_becomes_a_real_port_that_answers()
    {
        await using TestServer server = new();
        ListenAddress address = server.Server.Listen("127.0.0.1:0");
        Assert.Matches("^127\\.0\\.0\\.1:[1-9][0-9]*$", address.ToString());
        Assert.Equal($"nbd://{address}/a%20b", address.ToNbdUri("a b"));
        Assert.Equal([server.Address, address], server.Server.Addresses);
        using RawClient client = new(address);
        client.Greet();
        Assert.Equal(RawClient.Ack, client.Negotiate(RawClient.Abort, []).Type);
    }

    [Theory]
    [InlineData("0.0.0.0:10809", "needs TLS")]
    [InlineData("[::]:10809", "needs TLS")]
    [InlineData("192.0.2.1:10809", "needs TLS")]
    [InlineData("127.0.0.1", "neither HOST:PORT nor unix:PATH")]
    [InlineData("127.0.0.1:65536", "neither HOST:PORT nor unix:PATH")]
    [InlineData(":10809", "neither HOST:PORT nor unix:PATH")]
    [InlineData("unix:", "wants a path")]
    public void Addresses_that_cannot_be_served_are_refused_with_the_reason(string address, string reason)
    {
        ListenException refused = Assert.Throws<ListenException>(() => ListenAddress.Parse(address));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_too_long_for_a_socket_is_refused()
    {
        Assert.Throws<ListenException>(() => ListenAddress.Parse("unix:/tmp/" + new string('p', 120)));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_refused()
    {
        await using TestServer server = new();
        ListenAddress taken = server.Server.Listen("127.0.0.1:0");
        Assert.Throws<ListenException>(() => server.Server.Listen(taken.ToString()));
    }

    [Fact]
    public async Task A_listener_that_closes_leaves_the_file_of_another_at_its_path()
    {
        await using TestServer server = new();
        string path = Path.Combine(server.Folder, "shared.sock");
        ListenAddress address = ListenAddress.Parse($"unix:{path}");
        Listener first = Listener.Open(address);
        File.Delete(path);
        using Listener second = Listener.Open(address);

        Assert.Null(first.Close());

        Assert.True(File.Exists(path));
        using RawClient client = new(address);
        second.Close();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_socket_file_that_nobody_answers_behind_is_replaced()
    {
        await using TestServer server = new();
        string path = Path.Combine(server.Folder, "stale.sock");
        LeaveSocketFile(path);
        Assert.True(File.Exists(path));
        ListenAddress address = server.Server.Listen($"unix:{path}");
        using RawClient client = new(address);
        client.Greet();
    }

    [Fact]
    public async Task A_socket_that_answers_is_not_replaced()
    {
        await using TestServer server = new();
        ListenException refused = Assert.Throws<ListenException>(
            () => server.Server.Listen(server.Address.ToString()));
        Assert.Contains("another process listens", refused.Message, StringComparison.Ordinal);
        using RawClient client = server.Connect();
        client.Greet();
    }

    [Fact]
    public async Task A_folder_in_the_way_or_one_that_is_not_there_is_said()
    {
        await using TestServer server = new();
        string path = server.Folder;

        ListenException taken = Assert.Throws<ListenException>(() => server.Server.Listen($"unix:{path}"));
        ListenException missing =
            Assert.Throws<ListenException>(() => server.Server.Listen($"unix:{path}/nowhere/nbd.sock"));

        Assert.Equal($"{path} exists and is not a socket", taken.Message);
        Assert.EndsWith($"there is no folder {path}/nowhere", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_socket_is_not_replaced()
    {
        await using TestServer server = new();
        string path = Path.Combine(server.Folder, "precious");
        File.WriteAllText(path, "data");
        ListenException refused = Assert.Throws<ListenException>(() => server.Server.Listen($"unix:{path}"));
        Assert.Contains("is not a socket", refused.Message, StringComparison.Ordinal);
        Assert.Equal("data", File.ReadAllText(path));
    }

    [Fact]
    public async Task Stopping_removes_the_socket_file_and_ends_the_listening()
    {
        await using TestServer server = new();
        await server.Server.StopAsync();
        Assert.False(File.Exists(server.Address.Path));
        Assert.Throws<InvalidOperationException>(() => server.Server.Listen("127.0.0.1:0"));
    }

    /// <summary>
    /// What a killed process leaves: .NET would remove the file of a socket that is closed in order.
    /// </summary>
    private static void LeaveSocketFile(string path)
    {
        string moved = path + ".bound";
        using (Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(moved));
            socket.Listen();
            File.Move(moved, path);
        }
    }
}
