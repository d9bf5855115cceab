namespace Replication.Actors.Asking;

/// <summary>A ref whose first message completes a task.</summary>
internal sealed class PromiseRef<T> : CallbackRef
{
    private readonly TaskCompletionSource<T> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _timer;

    internal Task<T> Task => _answer.Task;

    internal void StartTimeout(IActorRef target, object message, TimeSpan timeout, TimeProvider time)
    {
        _timer = time.CreateTimer(
            _ => _answer.TrySetException(new AskTimeoutException(
                $"{target.Path} did not answer {message.GetType().Name} "
                + $"within {timeout.TotalMilliseconds:F0} ms")),
            state: null,
            timeout,
            Timeout.InfiniteTimeSpan);
    }

    protected override void OnMessage(object message, IActorRef? sender)
    {
        _timer?.Dispose();
        if (message is T answer)
        {
            _answer.TrySetResult(answer);
        }
        else
        {
            _answer.TrySetException(new InvalidCastException(
                $"expected an answer of type {typeof(T).Name}, got {message.GetType().Name}: {message}"));
        }
    }
}
