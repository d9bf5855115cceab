using Replication.Actors.Remoting;

namespace Replication.Actors.Tests.Remoting;

/// <summary>Who may link with whom, and what the logs of both sides say when not.</summary>
public sealed class HandshakeSpec : RemotingSpecBase
{
    private const string Refused = "refused";

    [Fact]
    public void Another_cluster_is_refused_with_the_reason_on_both_sides()
    {
        StartBoth(there: Defaults with { ClusterName = "another" });
        EventFilter.Warning("the cluster here is 'another', not 'cluster'", ThereSystem).ExpectOne(
            () => EventFilter.Error("refused: the cluster here is 'another', not 'cluster'").ExpectOne(
                () => EventFilter.DeadLetter<Ping>().ExpectOne(() => Probe.Send(Echo, new Ping(1)))));
    }

    [Theory]
    [InlineData(5, 7, "protocol versions 6 to 7 are spoken here, not 4 to 5")]
    [InlineData(7, 5, "protocol versions 4 to 5 are spoken here, not 6 to 7")]
    [InlineData(2, 1, "protocol versions 1 to 1 are spoken here, not 2 to 2")]
    public void A_version_two_apart_is_refused_with_the_reason(int here, int there, string reason)
    {
        StartBoth(WithVersion(here), WithVersion(there));
        EventFilter.Error($"{Refused}: {reason}").ExpectOne(() => Probe.Send(Echo, new Ping(1)));
    }

    [Theory]
    [InlineData(6, 7)]
    [InlineData(7, 6)]
    [InlineData(1, 1)]
    public void This_version_and_the_one_before_are_accepted(int here, int there)
    {
        StartBoth(WithVersion(here), WithVersion(there));
        ExpectEchoes(Echo);
    }

    [Fact]
    public void A_system_does_not_link_with_itself()
    {
        StartHere(Defaults with { Listen = "tcp:here:0" });
        EventFilter.Error("a system does not connect to itself").ExpectOne(
            () => Probe.Send(Remoting.ActorFor(Remoting.LocalAddress, "echo"), new Ping(1)));
    }

    [Fact]
    public void Nobody_listening_makes_dead_letters_of_what_waited()
    {
        StartHere();
        EventFilter.Warning("Connection refused").ExpectOne(
            () => EventFilter.DeadLetter<Ping>().ExpectOne(() => Probe.Send(Echo, new Ping(1))));
    }

    [Fact]
    public void A_connect_that_is_never_answered_ends_after_its_timeout()
    {
        StartBoth();
        Network.Cut(Here, There);
        EventFilter.Warning("did not come within 3000 ms").ExpectOne(
            () => Probe.Send(Echo, new Ping(1)), TimeSpan.FromMilliseconds(3001));
    }

    private static RemotingOptions WithVersion(int version) =>
        Defaults with { ProtocolVersion = (ushort)version };
}
