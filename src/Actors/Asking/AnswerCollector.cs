using Replication.Actors.Watch;

namespace Replication.Actors.Asking;

/// <summary>
/// Asks several actors the same question, tells one asker what all of them answered, and ends. One that ends
/// meanwhile is left out. None is given up unless there is a <see cref="Limit"/>, so the asker has a timeout
/// of its own.
/// </summary>
/// <typeparam name="TAnswer">What each answers.</typeparam>
/// <param name="asked">Who is asked.</param>
/// <param name="question">What.</param>
/// <param name="asker">Is told the whole.</param>
public abstract class AnswerCollector<TAnswer>(
    IReadOnlyList<IActorRef> asked, object question, IActorRef asker) : Actor
    where TAnswer : class
{
    private readonly SortedDictionary<string, TAnswer> _answers = new(StringComparer.Ordinal);
    private readonly HashSet<IActorRef> _owing = [.. asked];

    /// <summary>For how long answers are waited for; null for as long as it takes.</summary>
    protected virtual TimeSpan? Limit => null;

    /// <summary>The name by which answers are put in order, another for each.</summary>
    protected abstract string NameOf(TAnswer answer);

    /// <summary>What the asker is told.</summary>
    /// <param name="answers">All of them, by name in ordinal order.</param>
    protected abstract object Whole(IReadOnlyList<TAnswer> answers);

    /// <summary>What stands in for the answer of one that gave none within the limit; null leaves it out.
    /// </summary>
    protected virtual TAnswer? InsteadOf(IActorRef silent) => null;

    /// <inheritdoc/>
    protected internal sealed override void PreStart()
    {
        foreach (IActorRef one in asked)
        {
            Context.Watch(one);
            one.Tell(question, Self);
        }

        if (Limit is { } limit)
        {
            Context.Timers.StartSingle(typeof(LimitReached), new LimitReached(), limit);
        }

        AnswerWhenComplete();
    }

    /// <inheritdoc/>
    protected internal sealed override void Receive(object message)
    {
        switch (message)
        {
            case TAnswer answer:
                _answers[NameOf(answer)] = answer;
                _owing.Remove(Sender);
                break;
            case Terminated terminated:
                _owing.Remove(terminated.Actor);
                break;
            case LimitReached:
                GiveUpOwing();
                break;
            default:
                Unhandled(message);
                return;
        }

        AnswerWhenComplete();
    }

    private void GiveUpOwing()
    {
        foreach (IActorRef silent in asked.Where(_owing.Contains))
        {
            if (InsteadOf(silent) is { } instead)
            {
                _answers[NameOf(instead)] = instead;
            }
        }

        _owing.Clear();
    }

    private void AnswerWhenComplete()
    {
        if (_owing.Count == 0)
        {
            asker.Tell(Whole([.. _answers.Values]), Self);
            Context.Stop(Self);
        }
    }

    private sealed record LimitReached;
}
