using System.Collections.Concurrent;
using System.Text;
using Replication.Actors.Remoting.Links;

namespace Replication.Actors.Remoting;

/// <summary>
/// Lets the actors of one system talk to those of others: refs that look like any other, with ordered
/// delivery while a link lasts, and death watch that also tells of lost links. Delivery is at most once. Any
/// thread.
/// </summary>
#pragma warning disable MA0049 // It is the folder's word; callers read Remoting.Start.
public sealed class Remoting
#pragma warning restore MA0049
{
    private const string ActorName = "remoting";

    private readonly ConcurrentDictionary<string, RemotePeer> _peers = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RemotingContext _context;

    private Remoting(ActorSystem system, RemotingOptions options)
    {
        _context = new RemotingContext(system, options);
    }

    /// <summary>Where others reach this system; empty when it does not listen.</summary>
    public string LocalAddress => _context.Listener?.LocalAddress ?? string.Empty;

    /// <summary>Starts remoting for a system, once.</summary>
    /// <exception cref="IOException">The address to listen on cannot be bound.</exception>
    /// <exception cref="InvalidOperationException">The system has remoting already, or is
    /// stopping.</exception>
    public static Remoting Start(ActorSystem system, RemotingOptions options)
    {
        Remoting remoting = new(system, options);
        RemotingContext context = remoting._context;
        Props props = Props.Create(() => new RemotingActor(context, remoting._stopped));
        IActorRef actor = system.ActorOf(props, ActorName);
        context.Actor = actor;
        if (options.Listen is not null)
        {
            try
            {
                context.Listener = options.Transport.Listen(
                    options.Listen, connection => actor.Tell(new ConnectionAccepted(connection)));
            }
            catch (IOException)
            {
                system.Stop(actor);
                throw;
            }
        }

        return remoting;
    }

    /// <summary>
    /// The actor <c>user/NAME</c> of whoever listens at <paramref name="address"/>, now or later: the first
    /// message or watch connects. Messages that cannot be delivered become dead letters.
    /// </summary>
    /// <param name="address">Such as <c>tcp:127.0.0.1:4000</c> or <c>unix:/run/node.sock</c>.</param>
    /// <param name="topLevelName">The actor's name, at most 255 bytes.</param>
    public IActorRef ActorFor(string address, string topLevelName)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        ArgumentException.ThrowIfNullOrEmpty(topLevelName);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            Encoding.UTF8.GetByteCount(topLevelName), RemotingLimits.NameMaxBytes, nameof(topLevelName));
        RemotePeer peer = _peers.GetOrAdd(
            address, static (key, context) => new RemotePeer(context, key, key), _context);
        return new NamedRemoteRef(peer, topLevelName);
    }

    /// <summary>
    /// What waits to be sent now, by peer in ordinal order. Nobody is asked: also a link that hangs is seen.
    /// </summary>
    public IReadOnlyList<LinkQueue> Queues() =>
    [
        .. _context.Links
            .GroupBy(static each => each.NodeName, each => each.Link.Queued, StringComparer.Ordinal)
            .OrderBy(static peer => peer.Key, StringComparer.Ordinal)
            .Select(static peer => new LinkQueue(
                peer.Key, peer.Sum(static queued => queued.Frames), peer.Sum(static queued => queued.Bytes))),
    ];

    /// <summary>
    /// Stops listening, sends what is queued, says goodbye and closes every link; completes when that is
    /// done, after about a second at most. Refs stay valid as values, and everything told to them becomes a
    /// dead letter.
    /// </summary>
    public Task Stop()
    {
        _context.EndMeetings();
        _context.Actor.Tell(new Depart(_stopped));
        return _stopped.Task;
    }
}
