using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Replication.Actors.Remoting.Transports;

namespace Replication.Actors.Tests.Remoting;

/// <summary>
/// Bad input costs the connection that it came by, with a reason in the log, and nothing else.
/// </summary>
public sealed class MalformedInputSpec : RemotingSpecBase
{
    private const ushort PingTypeId = 1000;

    private readonly ITransport _transport;

    public MalformedInputSpec()
    {
        StartHere(Defaults with { Listen = "tcp:here:4000" });
        Sys.ActorOf(Props.Create(static () => new EchoActor()), "echo");
        _transport = Network.For(World.StartNode("stranger"));
    }

    [Fact]
    public void A_frame_written_by_hand_is_answered()
    {
        (RawPeer _, RawPeer data) = Link();
        data.Send(RawPeer.Frame(PingTypeId, RawPeer.UInt32(42), target: "echo"));
        byte[] answer = RawPeer.UInt32(42);
        AwaitCondition(() => data.Received.AsSpan().EndsWith(answer));
    }

    [Fact]
    public void Bytes_of_another_protocol_end_the_connection()
    {
        RawPeer peer = Connect();
        EventFilter.Info("malformed input").ExpectOne(
            () => peer.Send(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: somewhere.example\r\n\r\n")));
        AwaitCondition(() => peer.IsClosed);
    }

    [Fact]
    public void Silence_in_place_of_a_hello_ends_the_connection()
    {
        RawPeer peer = Connect();
        EventFilter.Info("no hello came").ExpectOne(
            () => { }, Defaults.ConnectTimeout + TimeSpan.FromSeconds(1));
        AwaitCondition(() => peer.IsClosed);
    }

    [Fact]
    public void A_data_connection_without_its_control_connection_is_refused()
    {
        RawPeer peer = Connect();
        EventFilter.Warning("its control connection is not here").ExpectOne(
            () => peer.Send(RawPeer.Hello(kind: 1)));
        AwaitCondition(() => peer.IsClosed);
        Assert.Contains("its control connection is not here", Encoding.UTF8.GetString(peer.Received));
    }

    [Fact]
    public void A_control_connection_without_its_data_connection_ends()
    {
        RawPeer peer = Connect();
        peer.Send(RawPeer.Hello(kind: 0));
        EventFilter.Warning("the data connection did not come").ExpectOne(
            () => { }, Defaults.ConnectTimeout + TimeSpan.FromSeconds(1));
        AwaitCondition(() => peer.IsClosed);
    }

    [Fact]
    public void A_message_before_the_welcome_ends_the_connection()
    {
        RawPeer peer = Connect();
        byte[] message = RawPeer.Frame(PingTypeId, RawPeer.UInt32(1), target: "echo");
        peer.Send([.. RawPeer.Hello(kind: 0), .. message]);
        AwaitCondition(() => peer.IsClosed);
    }

    [Fact]
    public void A_claim_of_gigabytes_allocates_nothing()
    {
        (RawPeer _, RawPeer data) = Link();
        byte[] frame = RawPeer.Frame(PingTypeId, RawPeer.UInt32(1), target: "echo");
        RawPeer.UInt32(0x7FFF_FFFF).CopyTo(frame, 4);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ExpectLost("a frame claims", () => data.Send(frame));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("left over")]
    [InlineData("unknown flags")]
    [InlineData("name too long")]
    public void A_frame_that_is_not_what_it_claims_ends_the_link(string fault)
    {
        byte[] frame = fault switch
        {
            "truncated" => RawPeer.Frame(PingTypeId, [1, 2], target: "echo"),
            "left over" => RawPeer.Frame(PingTypeId, [1, 2, 3, 4, 5], target: "echo"),
            "unknown flags" => RawPeer.Frame(PingTypeId, [1, 2, 3, 4], target: "echo", flags: 0x80),
            _ => RawPeer.Frame(PingTypeId, [200, 2, 3, 4], flags: 1),
        };
        (RawPeer control, RawPeer data) = Link();
        ExpectLost("malformed input", () => data.Send(frame));
        AwaitCondition(() => data.IsClosed && control.IsClosed);
    }

    [Fact]
    public void A_payload_where_none_belongs_ends_the_link()
    {
        (RawPeer _, RawPeer data) = Link();
        ExpectLost("came with a payload", () => data.Send(RawPeer.Frame(4, payload: [1, 2, 3])));
    }

    [Fact]
    public void A_message_of_an_unknown_type_is_left_out()
    {
        (RawPeer _, RawPeer data) = Link();
        EventFilter.Warning("type 999, which is unknown here").ExpectOne(
            () => data.Send(RawPeer.Frame(999, [1, 2], [3, 4], target: "echo")));
        data.Send(RawPeer.Frame(PingTypeId, RawPeer.UInt32(42), target: "echo"));
        AwaitCondition(() => data.Received.AsSpan().EndsWith(RawPeer.UInt32(42)));
    }

    [Fact]
    public void No_bytes_whatever_disturb_another_link()
    {
        StartThere();
        IActorRef echo = Remoting.ActorFor(ThereAddress, "echo");
        Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>(),
            ArbMap.Default.ArbFor<byte>(),
            (tail, where) =>
            {
                (RawPeer control, RawPeer data) = Link();
                byte[] frame = RawPeer.Frame(PingTypeId, RawPeer.UInt32(1), [1, 2, 3], "echo");
                frame[where % frame.Length] ^= (byte)(where | 1);
                data.Send([.. frame, .. tail]);
                control.Send([.. tail, 0]);
                ExpectEchoes(echo);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    private void ExpectLost(string reason, Action action) => EventFilter.Warning(reason).ExpectOne(action);

    private (RawPeer Control, RawPeer Data) Link()
    {
        ulong linkId = World.Time.Elapsed.Ticks is long ticks ? (ulong)ticks + 1 : 1;
        RawPeer control = Connect();
        control.Send(RawPeer.Hello(kind: 0, linkId));
        AwaitCondition(() => control.Received.Length > 0);
        RawPeer data = Connect();
        data.Send(RawPeer.Hello(kind: 1, linkId));
        AwaitCondition(() => data.Received.Length > 0);
        return (control, data);
    }

    private RawPeer Connect() => RawPeer.Connect(World, _transport, "tcp:here:4000");
}
