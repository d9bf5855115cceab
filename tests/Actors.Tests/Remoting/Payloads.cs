using Replication.Actors.Asking;
using Replication.Actors.Buffers;

namespace Replication.Actors.Tests.Remoting;

/// <summary>Payloads that go to an <see cref="EchoActor"/> and back.</summary>
internal static class Payloads
{
    /// <summary>Sends all of them at once, noise of those lengths; each must come back as it was.</summary>
    internal static async Task AssertComeBackUnchangedAsync(
        IActorRef echo, int[] lengthsBytes, TimeSpan patience)
    {
        List<(byte[] Content, Task<Pong> Answer)> asked = [];
        foreach (int lengthBytes in lengthsBytes)
        {
            byte[] content = new byte[lengthBytes];
            new Random(lengthBytes).NextBytes(content);
            Ping ping = new(lengthBytes, PooledBuffer.CopyOf(content));
            asked.Add((content, echo.Ask<Pong>(ping, patience)));
        }

        foreach ((byte[] content, Task<Pong> answer) in asked)
        {
            Pong pong = await answer;
            bool isSame = pong.Payload!.Span.SequenceEqual(content);
            Assert.True(isSame, $"{content.Length} bytes came back changed");
            pong.Payload.Release();
        }
    }
}
