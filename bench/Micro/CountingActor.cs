using Replication.Actors;

namespace Replication.Micro;

/// <summary>Completes a task once it has been told so many messages.</summary>
internal sealed class CountingActor : Actor
{
    private TaskCompletionSource? _done;
    private int _left;

    protected override void Receive(object message)
    {
        if (message is Goal goal)
        {
            (_left, _done) = (goal.Count, goal.Done);
        }
        else if (--_left == 0)
        {
            _done!.SetResult();
        }
    }

    /// <summary>The messages to come.</summary>
    internal sealed record Goal(int Count)
    {
        internal TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
