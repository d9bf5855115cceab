using System.Diagnostics;
using System.Net.Sockets;
using Replication.Fuzz.Checking;
using Replication.Fuzz.Conversations;

namespace Replication.Fuzz.Running;

/// <summary>Holds one conversation with the server, and has its answers judged.</summary>
internal sealed class FuzzClient(string socketPath, FuzzTarget target)
{
    /// <summary>
    /// A connection that is shut down for sending must be answered and closed by then, however busy it is.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A little less than the server's drain timeout: a connection that is closed later may have been given
    /// up with requests unanswered, for its volume has more to do than it can.
    /// </summary>
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(9.5);

    private const int SlowReadBytes = 4096;

    /// <summary>
    /// Who is sent more leaves, and what came is judged: a flood of large reads asks for more than any server
    /// can send within <see cref="Patience"/>.
    /// </summary>
    private const int ReceivedMaxBytes = 256 << 20;

    /// <summary>What one case came to.</summary>
    /// <param name="Complaint">What was wrong; null: nothing.</param>
    /// <param name="AnswerCount">Requests answered.</param>
    /// <param name="ReceivedBytes">Bytes that came.</param>
    /// <param name="IsLate">It took the server the drain timeout to close.</param>
    internal readonly record struct Outcome(
        string? Complaint, int AnswerCount, long ReceivedBytes, bool IsLate = false);

    public async Task<Outcome> RunAsync(FuzzCase held)
    {
        using CancellationTokenSource limit = new(Patience);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        MemoryStream received = new();
        bool whole = false;
        bool late = false;
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), limit.Token);
            using CancellationTokenSource left = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
            Task<bool> reading = ReadAsync(socket, held, received, left.Token);
            bool sent = await SendAsync(socket, held, limit.Token);
            if (held.Ending == Ending.Linger)
            {
                await Task.Delay(held.HoldMs, limit.Token);
            }

            if (held.Ending == Ending.Shutdown && sent && held.Reading != Reading.Never)
            {
                long start = Stopwatch.GetTimestamp();
                whole = await reading;
                late = Stopwatch.GetElapsedTime(start) > DrainTimeout && received.Length < ReceivedMaxBytes;
            }
            else
            {
                await left.CancelAsync();
                await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (OperationCanceledException)
        {
            return new Outcome(
                $"not answered and closed within {Patience.TotalSeconds} s", 0, received.Length);
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return new Outcome("the server does not accept", 0, 0);
        }

        return Judge(held, received, whole && !late) with { IsLate = late };
    }

    private Outcome Judge(FuzzCase held, MemoryStream received, bool whole)
    {
        ReadOnlyMemory<byte> answers = received.GetBuffer().AsMemory(0, (int)received.Length);
        if (answers.IsEmpty && !whole)
        {
            return default;
        }

        ConversationJudge judge = new(target, held.Bytes, answers, whole);
        return new Outcome(judge.Complaint(), judge.AnswerCount, answers.Length);
    }

    /// <summary>False when the server closed before everything was sent, as it may after an error.</summary>
    private static async Task<bool> SendAsync(Socket socket, FuzzCase held, CancellationToken limit)
    {
        int from = 0;
        try
        {
            foreach (int to in held.Pieces.Append(held.Bytes.Length))
            {
                if (held.PauseMs > 0)
                {
                    await Task.Delay(held.PauseMs, limit);
                }

                await SendAsync(socket, held, held.Bytes.AsMemory(from..to), limit);
                from = to;
            }

            if (held.Ending == Ending.Shutdown)
            {
                socket.Shutdown(SocketShutdown.Send);
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task SendAsync(
        Socket socket, FuzzCase held, ReadOnlyMemory<byte> piece, CancellationToken limit)
    {
        // Who never reads and floods is held up for good; it leaves after a while.
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(limit);
        if (held.Reading == Reading.Never)
        {
            patience.CancelAfter(held.HoldMs);
        }

        try
        {
            while (!piece.IsEmpty)
            {
                piece = piece[await socket.SendAsync(piece, SocketFlags.None, patience.Token)..];
            }
        }
        catch (OperationCanceledException) when (!limit.IsCancellationRequested)
        {
            throw new SocketException((int)SocketError.TimedOut);
        }
    }

    /// <summary>True when the stream was read to its end.</summary>
    private static async Task<bool> ReadAsync(
        Socket socket, FuzzCase held, MemoryStream received, CancellationToken stop)
    {
        byte[] buffer = new byte[held.Reading == Reading.Slow ? SlowReadBytes : 64 << 10];
        int slowReads = held.Reading == Reading.Slow ? 50 : 0;
        try
        {
            if (held.Reading is Reading.Late or Reading.Never)
            {
                await Task.Delay(held.Reading == Reading.Late ? held.HoldMs : Timeout.Infinite, stop);
            }

            while (true)
            {
                int count = await socket.ReceiveAsync(buffer, SocketFlags.None, stop);
                if (count == 0)
                {
                    return true;
                }

                received.Write(buffer, 0, count);
                if (received.Length >= ReceivedMaxBytes)
                {
                    // The sending half hears of it as of any end.
                    socket.Shutdown(SocketShutdown.Both);
                    return false;
                }

                if (slowReads-- > 0)
                {
                    await Task.Delay(5, stop);
                }
            }
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
