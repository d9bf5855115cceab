using Replication.Actors;
using Replication.Coordinator.Events;
using Replication.Gateway.Events;
using Replication.Gateway.Listening;
using Replication.Gateway.Qmp;
using Replication.Gateway.Qmp.Commands;

namespace Replication.Host.Tests.Commands;

/// <summary><c>events --follow</c> before a real QMP server, which throttles what it sends.</summary>
public sealed class EventsFollowTests
{
    [Fact]
    public async Task Each_kept_event_is_printed_once_those_that_throttling_holds_back_or_drops_too()
    {
        const int Before = 3;
        const int All = 40;
        using TemporaryFolder folder = new();
        ActorSystem system = ActorSystem.Create("test");
        EventLog events = EventLog.Open(folder.File("events"));
        ListenAddress address = ListenAddress.Parse($"unix:{folder.File("qmp.sock")}");
        QmpServer server = QmpServer.Start(
            address, new QmpCommandTable([new QueryEventsSinceCommand(events)]), events, system.Log);
        string[] printed;
        await using (CommandRun run = CommandRun.Start("events", "-f", "--json", "--qmp", $"{address}"))
        {
            for (int sector = 0; sector < All; sector++)
            {
                events.Append(new QuorumReportBad(
                    DateTimeOffset.UnixEpoch, QuorumOperation.Read, Error: null, "c0", sector, 1));
                if (sector == Before)
                {
                    // From here on the client follows, and the second of the first report still runs.
                    await run.Out.LineAsync(line => line.Contains($"\"sector-num\":{Before},"));
                }
            }

            await run.Out.LineAsync(line => line.Contains($"\"sector-num\":{All - 1},"));
            Assert.Equal(0, await run.StopAsync());
            printed = run.Out.Lines;
            Assert.Empty(run.Error.Text);
        }

        Assert.Equal(events.Last(int.MaxValue), printed);
        Assert.Equal(All, printed.Length);
        await server.DisposeAsync();
        await events.DisposeAsync();
        await system.Terminate();
    }
}
