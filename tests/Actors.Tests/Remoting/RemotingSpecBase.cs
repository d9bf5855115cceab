using Replication.Actors.Remoting;
using Replication.TestKit;
using Replication.TestKit.Simulation;
using RemotingOf = Replication.Actors.Remoting.Remoting;

namespace Replication.Actors.Tests.Remoting;

/// <summary>
/// Two nodes on a simulated network: here (<see cref="TestKitBase.Sys"/>, node <c>test</c>) and there (node
/// <c>there</c>), which has an actor <c>echo</c>.
/// </summary>
public abstract class RemotingSpecBase : TestKitBase
{
    protected const string Here = "test";
    protected const string There = "there";
    protected const string ThereAddress = "tcp:there:4000";

    private protected static readonly RemotingOptions Defaults =
        new() { ClusterName = "cluster", Codecs = TestCodecs.All };

    protected RemotingSpecBase(ulong seed = 1)
        : base(seed, Here)
    {
        Network = new SimulatedNetwork(World);
    }

    protected SimulatedNetwork Network { get; }

    private protected RemotingOf Remoting { get; private set; } = null!;

    private protected RemotingOf ThereRemoting { get; private set; } = null!;

    protected ActorSystem ThereSystem => World.Node(There).System;

    protected IActorRef Echo => Remoting.ActorFor(ThereAddress, "echo");

    /// <summary>Starts remoting on both nodes.</summary>
    private protected void StartBoth(RemotingOptions? here = null, RemotingOptions? there = null)
    {
        StartHere(here);
        StartThere(there);
    }

    private protected void StartHere(RemotingOptions? options = null) => Remoting = RemotingOf.Start(
        Sys, (options ?? Defaults) with { Transport = Network.For(World.Node(Here)) });

    /// <summary>Starts the other node, or its next life, at the same address.</summary>
    private protected void StartThere(RemotingOptions? options = null)
    {
        SimulatedNode node = World.StartNode(There);
        ThereRemoting = RemotingOf.Start(
            node.System, (options ?? Defaults) with { Transport = Network.For(node), Listen = ThereAddress });
        node.System.ActorOf(Props.Create(static () => new EchoActor()), "echo");
    }

    /// <summary>Sends pings and takes their pongs, in order.</summary>
    protected void ExpectEchoes(IActorRef echo, int count = 1)
    {
        for (int number = 0; number < count; number++)
        {
            Probe.Send(echo, new Ping(number));
        }

        for (int number = 0; number < count; number++)
        {
            ExpectMsg(new Pong(number));
        }
    }
}
