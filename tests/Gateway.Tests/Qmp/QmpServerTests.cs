using System.Net;
using System.Net.Sockets;
using Replication.Gateway.Listening;
using Replication.Gateway.Qmp;
using Replication.Gateway.Qmp.Client;

namespace Replication.Gateway.Tests.Qmp;

public sealed class QmpServerTests : IAsyncLifetime
{
    private readonly QmpFixture _qmp = new();
    private readonly TemporaryFolder _folder = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _qmp.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void The_socket_is_its_owners_alone()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_qmp.SocketPath));
    }

    [Fact]
    public async Task A_socket_on_which_nobody_answers_is_replaced_and_gone_at_the_end()
    {
        string path = _folder.File("q.sock");
        LeaveStaleSocket(path);

        QmpServer server = _qmp.Start(path);

        RawQmpClient.Negotiated(server.Address).Dispose();
        await server.DisposeAsync();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_socket_on_which_somebody_answers_is_left_alone()
    {
        ListenException refused = Assert.Throws<ListenException>(() => _qmp.Start(_qmp.SocketPath));

        Assert.Contains("another process listens on unix:", refused.Message, StringComparison.Ordinal);
        _qmp.Negotiated().Dispose();
    }

    [Fact]
    public void A_file_that_is_no_socket_is_left_alone()
    {
        string path = _folder.File("file");
        File.WriteAllText(path, "");

        ListenException refused = Assert.Throws<ListenException>(() => _qmp.Start(path));

        Assert.Contains("not a socket", refused.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task A_client_more_than_the_most_is_turned_away_and_one_that_leaves_makes_room()
    {
        List<RawQmpClient> clients = [];
        for (int number = 0; number < QmpServer.SessionsMaxDefault; number++)
        {
            clients.Add(_qmp.Negotiated());
        }

        using (RawQmpClient tooMany = _qmp.Connect())
        {
            Assert.Null(tooMany.ReadLine());
        }

        clients.ForEach(static client => client.Dispose());
        await _qmp.Server.DisposeAsync();
    }

    [Fact]
    public async Task The_client_says_who_does_not_answer()
    {
        ListenAddress nobody = ListenAddress.Parse("unix:" + _folder.File("nobody"));

        QmpClientException failure = await Assert.ThrowsAsync<QmpClientException>(
            () => QmpClient.ConnectAsync(nobody, CancellationToken.None));

        Assert.Contains($"nobody answers on {nobody}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("is the service running?", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n")]
    [InlineData("{\"hello\":1}\r\n")]
    [InlineData("[]\r\n")]
    public async Task The_client_knows_what_is_no_QMP_server(string greeting)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task<QmpClient> connecting = QmpClient.ConnectAsync(
            ListenAddress.Of((IPEndPoint)listener.LocalEndpoint), CancellationToken.None);
        using Socket server = await listener.AcceptSocketAsync();
        server.Send(System.Text.Encoding.UTF8.GetBytes(greeting));

        QmpClientException failure = await Assert.ThrowsAsync<QmpClientException>(() => connecting);

        Assert.Contains("is no QMP server", failure.Message, StringComparison.Ordinal);
    }

    private static void LeaveStaleSocket(string path)
    {
        // A bound socket whose owner died: bound here, renamed away from its owner, who then removes nothing.
        using Socket owner = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        owner.Bind(new UnixDomainSocketEndPoint(path + ".old"));
        File.Move(path + ".old", path);
    }
}
