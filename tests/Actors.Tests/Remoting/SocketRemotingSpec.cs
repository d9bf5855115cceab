using Replication.Actors.Asking;
using Replication.Actors.Buffers;
using Replication.Actors.Remoting;
using RemotingOf = Replication.Actors.Remoting.Remoting;

namespace Replication.Actors.Tests.Remoting;

/// <summary>
/// Remoting over real sockets; everything finer is in the specs over the simulated network.
/// </summary>
public sealed class SocketRemotingSpec
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("tcp:127.0.0.1:0")]
    [InlineData("unix:")]
    public async Task An_ask_across_a_socket_is_answered(string listen)
    {
        ActorSystem server = ActorSystem.Create("server");
        ActorSystem client = ActorSystem.Create("client");
        server.ActorOf(Props.Create(static () => new EchoActor()), "echo");
        RemotingOf serving = RemotingOf.Start(server, Options(Address(listen)));
        RemotingOf calling = RemotingOf.Start(client, Options(null));

        IActorRef echo = calling.ActorFor(serving.LocalAddress, "echo");
        for (int number = 0; number < 100; number++)
        {
            Pong pong = await echo.Ask<Pong>(new Ping(number), Patience);
            Assert.Equal(number, pong.Number);
        }

        await calling.Stop();
        await serving.Stop();
        await client.Terminate();
        await server.Terminate();
    }

    [Theory]
    [InlineData("tcp:127.0.0.1:0")]
    [InlineData("unix:")]
    public async Task Payloads_of_every_size_come_back_unchanged(string listen)
    {
        ActorSystem server = ActorSystem.Create("server");
        ActorSystem client = ActorSystem.Create("client");
        server.ActorOf(Props.Create(static () => new EchoActor()), "echo");
        RemotingOf serving = RemotingOf.Start(server, Options(Address(listen)));
        RemotingOf calling = RemotingOf.Start(client, Options(null));
        IActorRef echo = calling.ActorFor(serving.LocalAddress, "echo");

        int[] sizes =
            [1, 100, 4095, 4096, 4097, 32_700, 65_535, 65_536, 100_000, 1 << 20, (1 << 20) + 1, 32 << 20];
        List<(byte[] Content, Task<Pong> Answer)> asked = [];
        foreach (int size in sizes)
        {
            byte[] content = new byte[size];
            new Random(size).NextBytes(content);
            asked.Add((content, echo.Ask<Pong>(new Ping(size, PooledBuffer.CopyOf(content)), Patience)));
        }

        foreach ((byte[] content, Task<Pong> answer) in asked)
        {
            Pong pong = await answer;
            bool isSame = pong.Payload!.Span.SequenceEqual(content);
            Assert.True(isSame, $"{content.Length} bytes came back changed");
            pong.Payload.Release();
        }

        await calling.Stop();
        await serving.Stop();
        await client.Terminate();
        await server.Terminate();
    }

    private static string Address(string listen) =>
        listen == "unix:"
            ? $"unix:{Path.Combine(Path.GetTempPath(), $"remoting-{Guid.NewGuid():N}.sock")}"
            : listen;

    private static RemotingOptions Options(string? listen) =>
        new() { ClusterName = "test", Listen = listen, Codecs = TestCodecs.All };
}
