using Replication.Actors.Mailboxes;
using Replication.Actors.Supervision;

namespace Replication.Actors;

/// <summary>
/// The states of a cell's life — starting, running, suspended by a failure, restarting, stopping, terminated — and
/// what each of the kernel's messages does in each. Children always end before their parent's PostStop.
/// </summary>
internal sealed class CellLifecycle(ActorCell cell)
{
    private enum State
    {
        Starting,
        Running,
        Suspended,
        Restarting,
        Stopping,
        Terminated,
    }

    private State _state = State.Starting;
    private Exception? _restartCause;

    internal bool TakesUserMessages => _state is State.Running or State.Terminated;

    internal bool IsStopping => _state is State.Stopping or State.Terminated;

    internal bool IsTerminated => _state == State.Terminated;

    internal void Handle(SystemMessage message)
    {
        switch (message)
        {
            case CreateActor when _state == State.Starting:
                Start(restartedFrom: null);
                break;
            case AdoptChild adopt:
                Adopt(adopt.Child);
                break;
            case SuspendActor when _state == State.Running:
                Suspend();
                break;
            case ResumeActor when _state == State.Suspended:
                Resume();
                break;
            case RestartActor restart when !IsStopping:
                BeginRestart(restart.Cause);
                break;
            case StopActor when !IsStopping:
                BeginStop();
                break;
            case ChildEnded ended:
                OnChildEnded(ended.Child);
                break;
            case ChildFailed failed when cell.Children.Contains(failed.Child):
                OnChildFailed(failed);
                break;
            case RestartChildNow now when cell.Children.Contains(now.Child):
                now.Child.LocalSelf.TellSystem(new RestartActor(now.Cause));
                break;
            default:
                // A message for a state that has passed: a resume after a stop, a second stop. Nothing is lost.
                break;
        }
    }

    /// <summary>The handler threw: nothing more is handled until the supervisor has decided.</summary>
    internal void Fail(Exception cause, object? message)
    {
        if (IsStopping)
        {
            return;
        }

        Suspend();
        if (cell.ParentCell is null)
        {
            cell.System.Log.Error(cell.LocalSelf.Path.Elements, "the root of the system failed and stops", cause);
            BeginStop();
            return;
        }

        cell.ParentCell.LocalSelf.TellSystem(new ChildFailed(cell, cause, message));
    }

    private void Start(Exception? restartedFrom)
    {
        try
        {
            cell.MakeInstance();
            _state = State.Running;
            if (restartedFrom is null)
            {
                cell.Instance!.PreStart();
            }
            else
            {
                cell.Instance!.PostRestart(restartedFrom);
            }
        }
#pragma warning disable CA1031 // Whatever an actor throws is its supervisor's to judge.
        catch (Exception cause)
#pragma warning restore CA1031
        {
            Fail(cause, message: null);
        }
    }

    private void Adopt(ActorCell child)
    {
        if (IsStopping)
        {
            child.LocalSelf.TellSystem(new StopActor());
            return;
        }

        cell.Children.Add(child);
        child.LocalSelf.TellSystem(new CreateActor());
    }

    private void Suspend()
    {
        _state = State.Suspended;
        foreach (ActorCell child in cell.Children.Snapshot())
        {
            child.LocalSelf.TellSystem(new SuspendActor());
        }
    }

    private void Resume()
    {
        _state = State.Running;
        foreach (ActorCell child in cell.Children.Snapshot())
        {
            child.LocalSelf.TellSystem(new ResumeActor());
        }
    }

    private void BeginRestart(Exception cause)
    {
        if (_state == State.Restarting)
        {
            return;
        }

        _state = State.Restarting;
        _restartCause = cause;
        RunHook("PreRestart", () => cell.Instance?.PreRestart(cause, message: null));
        cell.EndThisLife();
        foreach (ActorCell child in cell.Children.Snapshot())
        {
            // Children that PreRestart kept go on with the new instance.
            child.LocalSelf.TellSystem(new ResumeActor());
        }

        if (cell.Children.Count == 0)
        {
            FinishRestart();
        }
    }

    private void FinishRestart()
    {
        Exception cause = _restartCause!;
        _restartCause = null;
        Start(cause);
    }

    private void BeginStop()
    {
        _state = State.Stopping;
        cell.StopChildren();
        if (cell.Children.Count == 0)
        {
            FinishStop();
        }
    }

    private void FinishStop()
    {
        RunHook("PostStop", () => cell.Instance?.PostStop());
        cell.EndThisLife();
        _state = State.Terminated;
        cell.Terminate();
    }

    private void OnChildEnded(ActorCell child)
    {
        if (!cell.Children.Remove(child) || cell.Children.Count > 0)
        {
            return;
        }

        if (_state == State.Stopping)
        {
            FinishStop();
        }
        else if (_state == State.Restarting)
        {
            FinishRestart();
        }
    }

    private void OnChildFailed(ChildFailed failed)
    {
        SupervisorStrategy strategy = cell.Instance?.SupervisorStrategy ?? SupervisorStrategy.Default;
        Verdict verdict = strategy.Judge(failed.Child, failed.Cause, cell.System.Options.Time);
        string source = failed.Child.LocalSelf.Path.Elements;
        cell.System.Log.Error(source, $"failed: {failed.Cause.Message}; verdict {verdict.Directive}", failed.Cause);
        if (verdict.Directive == Directive.Escalate)
        {
            Fail(failed.Cause, failed.Message);
            return;
        }

        foreach (ActorCell child in strategy.AppliesToAll ? cell.Children.Snapshot() : [failed.Child])
        {
            Apply(verdict, child, failed.Cause);
        }
    }

    private void Apply(Verdict verdict, ActorCell child, Exception cause)
    {
        switch (verdict.Directive)
        {
            case Directive.Resume:
                child.LocalSelf.TellSystem(new ResumeActor());
                break;
            case Directive.Restart when verdict.Delay > TimeSpan.Zero:
                cell.System.Scheduler.SystemOnce(verdict.Delay, cell.LocalSelf, new RestartChildNow(child, cause));
                break;
            case Directive.Restart:
                child.LocalSelf.TellSystem(new RestartActor(cause));
                break;
            default:
                child.LocalSelf.TellSystem(new StopActor());
                break;
        }
    }

    private void RunHook(string name, Action hook)
    {
        try
        {
            hook();
        }
#pragma warning disable CA1031 // A hook's failure must not keep an actor from ending; it is logged.
        catch (Exception cause)
#pragma warning restore CA1031
        {
            cell.System.Log.Error(cell.LocalSelf.Path.Elements, $"{name} failed: {cause.Message}", cause);
        }
    }
}
