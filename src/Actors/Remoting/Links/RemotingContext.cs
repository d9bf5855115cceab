using System.Globalization;
using Replication.Actors.Remoting.Codecs;
using Replication.Actors.Remoting.Transports;

namespace Replication.Actors.Remoting.Links;

/// <summary>What the parts of one system's remoting share. Any thread.</summary>
internal sealed class RemotingContext
{
    internal const string LogSource = "remoting";

    private volatile bool _isStopped;
    private volatile IReadOnlyList<(Link Link, string NodeName)> _links = [];
    private IActorRef? _actor;

    internal RemotingContext(ActorSystem system, RemotingOptions options)
    {
        System = system;
        Options = options;
        Codecs = new MessageCodecs(options.Codecs);
        EdgeSenders = new EdgeSenders(system);
    }

    internal ActorSystem System { get; }

    internal RemotingOptions Options { get; }

    internal MessageCodecs Codecs { get; }

    internal EdgeSenders EdgeSenders { get; }

    internal TimeProvider Time => System.Options.Time;

    /// <summary>True from the beginning of the stop: no link is made any more.</summary>
    internal bool IsStopped => _isStopped;

    /// <summary>The remoting actor, which leads to the links' actors.</summary>
    internal IActorRef Actor
    {
        get => _actor ?? throw new InvalidOperationException("remoting has not started");
        set => _actor = value;
    }

    /// <summary>Null when this system does not listen.</summary>
    internal IListener? Listener { get; set; }

    /// <summary>
    /// The links that there are, for those who look at them from any thread; the remoting actor sets it anew
    /// with each change.
    /// </summary>
    internal IReadOnlyList<(Link Link, string NodeName)> Links
    {
        get => _links;
        set => _links = value;
    }

    /// <summary>No link is made or accepted any more. May be called again.</summary>
    internal void EndMeetings()
    {
        _isStopped = true;
        Listener?.Dispose();
    }

    internal void Post(ILinkCommand command) => Actor.Tell(command);

    /// <summary>The number by which the other side can answer: 0 when nobody is to be answered.</summary>
    internal ulong ExposeSender(IActorRef? sender)
    {
        switch (sender)
        {
            case LocalActorRef local:
                System.Expose(local);
                return (ulong)local.Id;
            case CallbackRef edge:
                return EdgeSenders.Expose(edge);
            default:
                // Nobody, or an actor of a third system, which the other side has no way to reach.
                return 0;
        }
    }

    /// <summary>Who that number stands for, or null. A ref without an actor is found once.</summary>
    internal IActorRef? FindTarget(ulong id) =>
        EdgeSenders.IsEdge(id) ? EdgeSenders.Take(id) : System.FindExposed((long)id);

    internal static string Text(ulong uid) => uid.ToString("x16", CultureInfo.InvariantCulture);
}
