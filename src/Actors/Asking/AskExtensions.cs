namespace Replication.Actors.Asking;

/// <summary>
/// Request and reply for code that is not an actor. No actor is made for it: the reply completes a task.
/// </summary>
public static class AskExtensions
{
    /// <summary>
    /// Sends <paramref name="message"/> and completes with the reply, or fails with
    /// <see cref="AskTimeoutException"/> after <paramref name="timeout"/>, with
    /// <see cref="InvalidCastException"/> for a reply of another type.
    /// </summary>
    public static Task<T> Ask<T>(
        this IActorRef target, object message, TimeSpan timeout, TimeProvider? time = null)
    {
        PromiseRef<T> promise = new();
        promise.StartTimeout(target, message, timeout, time ?? TimeOf(target));
        target.Tell(message, promise);
        return promise.Task;
    }

    /// <summary>
    /// Sends the task's result, or <see cref="PipeFailed"/>, to <paramref name="target"/> when it is done.
    /// </summary>
    public static void PipeTo<T>(
        this Task<T> task, IActorRef target, Func<T, object>? map = null, object? tag = null)
    {
        _ = task.ContinueWith(
            done => target.Tell(Outcome(done, map, tag)),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private static TimeProvider TimeOf(IActorRef target) =>
        target is LocalActorRef local ? local.Cell.System.Options.Time : TimeProvider.System;

    /// <summary>
    /// Whatever goes wrong, a map that throws included, reaches the target: it waits for an answer.
    /// </summary>
    private static object Outcome<T>(Task<T> done, Func<T, object>? map, object? tag)
    {
        if (!done.IsCompletedSuccessfully)
        {
            return new PipeFailed(done.Exception?.GetBaseException() ?? new TaskCanceledException(done), tag);
        }

        try
        {
            object? result = map is null ? done.Result : map(done.Result);
            return result ?? new PipeFailed(new InvalidOperationException("the piped task gave null"), tag);
        }
#pragma warning disable CA1031 // The map is the piping actor's code; its failure is told to it.
        catch (Exception cause)
#pragma warning restore CA1031
        {
            return new PipeFailed(cause, tag);
        }
    }
}
