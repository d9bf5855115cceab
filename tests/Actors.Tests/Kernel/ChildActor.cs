using Replication.Actors.Supervision;

namespace Replication.Actors.Tests.Kernel;

/// <summary>
/// A child for specs of supervision: says each step of its life to a probe, counts, and fails on command.
/// </summary>
internal sealed class ChildActor(string name, IActorRef reports) : Actor
{
    private int _count;

    internal Func<IActorContext, IActorRef>? StartsChild { get; init; }

    internal SupervisorStrategy? Strategy { get; init; }

    protected override SupervisorStrategy SupervisorStrategy => Strategy ?? base.SupervisorStrategy;

    protected override void PreStart()
    {
        Report("started");
        StartsChild?.Invoke(Context);
    }

    protected override void PostStop() => Report("stopped");

    protected override void PreRestart(Exception cause, object? message)
    {
        Report($"restarting after {cause.Message} on {message ?? "nothing"}");
        base.PreRestart(cause, message);
    }

    protected override void PostRestart(Exception cause)
    {
        Report("restarted");
        base.PostRestart(cause);
    }

    protected override void Receive(object message)
    {
        switch (message)
        {
            case "count":
                Report($"count {++_count}");
                break;
            case string text when text.StartsWith("fail", StringComparison.Ordinal):
                throw new ChildException(text);
            default:
                Report($"got {message}");
                break;
        }
    }

    private void Report(string what) => reports.Tell($"{name} {what}", Self);

    internal sealed class ChildException(string message) : Exception(message);
}
