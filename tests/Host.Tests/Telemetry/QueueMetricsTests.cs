using Replication.Actors;
using Replication.Actors.Remoting;
using Replication.Gateway.Metrics;
using Replication.Host.Telemetry;
using Replication.TestKit;
using Replication.TestKit.Simulation;

namespace Replication.Host.Tests.Telemetry;

/// <summary>How many series the queues of an actor system have.</summary>
public sealed class QueueMetricsTests : TestKitBase
{
    private const int Excess = 5;

    [Fact]
    public async Task Mailboxes_of_volumes_past_the_limit_are_counted_together()
    {
        Remoting remoting = Remoting.Start(
            Sys, new RemotingOptions { Transport = new SimulatedNetwork(World).For(World.Node(Sys.Name)) });
        for (int number = 0; number < SeriesLimits.VolumesMax + Excess; number++)
        {
            Start("volume", $"vm{number:d4}").Tell("waits: no actor runs before it is let");
        }

        Start("storage", "");
        MetricSet set = new();
        await new QueueMetrics(Sys, remoting).CollectAsync(set, CancellationToken.None);

        IReadOnlyList<MetricSample> samples = set.Find("replication_mailbox_length")!.Samples;
        Assert.Equal(SeriesLimits.VolumesMax + 2, samples.Count);
        MetricSample others = Assert.Single(
            samples, static sample => sample.Labels[2] == SeriesLimits.Others);
        Assert.Equal([Sys.Name, "volume", SeriesLimits.Others], others.Labels);
        Assert.Equal(Excess, others.Value);
        Assert.Equal(0, Assert.Single(samples, static sample => sample.Labels[1] == "storage").Value);
    }

    private IActorRef Start(string kind, string name) =>
        Sys.ActorOf(Props.Create(static () => new Idle()) with { MailboxLabel = new(kind, name) });

    private sealed class Idle : Actor
    {
        protected override void Receive(object message)
        {
            // Nothing is asked of it.
        }
    }
}
