namespace Replication.Actors.Asking;

/// <summary>Request and reply for code that is not an actor. No actor is made for it: the reply completes a task.</summary>
public static class AskExtensions
{
    /// <summary>
    /// Sends <paramref name="message"/> and completes with the reply, or fails with
    /// <see cref="AskTimeoutException"/> after <paramref name="timeout"/>, with <see cref="InvalidCastException"/>
    /// for a reply of another type.
    /// </summary>
    public static Task<T> Ask<T>(
        this IActorRef target, object message, TimeSpan timeout, TimeProvider? time = null)
    {
        PromiseRef<T> promise = new();
        promise.StartTimeout(target, message, timeout, time ?? TimeProvider.System);
        target.Tell(message, promise);
        return promise.Task;
    }

    /// <summary>Sends the task's result, or <see cref="PipeFailed"/>, to <paramref name="target"/> when it is done.</summary>
    public static void PipeTo<T>(this Task<T> task, IActorRef target, Func<T, object>? map = null, object? tag = null)
    {
        _ = task.ContinueWith(
            done => target.Tell(
                done.IsCompletedSuccessfully
                    ? map is null ? done.Result! : map(done.Result)
                    : new PipeFailed(done.Exception?.GetBaseException() ?? new TaskCanceledException(done), tag)),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}

/// <summary>A piped task failed.</summary>
/// <param name="Cause">Why.</param>
/// <param name="Tag">What the piping actor gave to know it by.</param>
public sealed record PipeFailed(Exception Cause, object? Tag);
