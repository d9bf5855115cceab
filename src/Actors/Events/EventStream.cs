using System.Collections.Immutable;

namespace Replication.Actors.Events;

/// <summary>
/// Publish and subscribe within one system, by type: a subscriber to a class also gets its subclasses.
/// Subscribers are told in the order in which they subscribed. Safe from any thread.
/// </summary>
public sealed class EventStream
{
    private ImmutableArray<(Type Type, IActorRef Subscriber)> _subscriptions = [];

    /// <summary>Adds a subscription; a second one for the same type and subscriber changes nothing.</summary>
    public void Subscribe(IActorRef subscriber, Type type)
    {
        ImmutableInterlocked.Update(
            ref _subscriptions,
            static (all, added) => all.Contains(added) ? all : all.Add(added),
            (type, subscriber));
    }

    /// <summary>Adds a subscription to <typeparamref name="T"/>.</summary>
    public void Subscribe<T>(IActorRef subscriber) => Subscribe(subscriber, typeof(T));

    /// <summary>Takes back every subscription of a subscriber.</summary>
    public void Unsubscribe(IActorRef subscriber)
    {
        // Every actor that ends comes here; few of them ever subscribed.
        if (!IsSubscribed(subscriber))
        {
            return;
        }

        ImmutableInterlocked.Update(
            ref _subscriptions,
            static (all, gone) => all.RemoveAll(entry => ReferenceEquals(entry.Subscriber, gone)),
            subscriber);
    }

    /// <summary>True when somebody would get an event of this type: lets a hot path skip making it.</summary>
    public bool HasSubscriber(Type type)
    {
        foreach ((Type wanted, IActorRef _) in _subscriptions)
        {
            if (wanted.IsAssignableFrom(type))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Tells every subscriber of the event's type.</summary>
    public void Publish(object published)
    {
        foreach ((Type type, IActorRef subscriber) in _subscriptions)
        {
            if (type.IsInstanceOfType(published))
            {
                subscriber.Tell(published);
            }
        }
    }

    private bool IsSubscribed(IActorRef subscriber)
    {
        foreach ((Type _, IActorRef known) in _subscriptions)
        {
            if (ReferenceEquals(known, subscriber))
            {
                return true;
            }
        }

        return false;
    }
}
