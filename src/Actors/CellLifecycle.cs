using Replication.Actors.Mailboxes;
using Replication.Actors.Supervision;

namespace Replication.Actors;

/// <summary>
/// The states of a cell's life — starting, running, restarting, stopping, terminated — and what each of the
/// kernel's messages does in each. Apart from them a cell may be halted, for two reasons that do not clear
/// each other: its own failure awaits a verdict, or its parent is halted. Children always end before their
/// parent's PostStop.
/// </summary>
internal sealed class CellLifecycle(ActorCell cell)
{
    private enum State
    {
        Starting,
        Running,
        Restarting,
        Stopping,
        Terminated,
    }

    private State _state = State.Starting;
    private bool _awaitsVerdict;
    private bool _parentHalted;
    private Exception? _restartCause;
    private object? _failedMessage;

    internal bool TakesUserMessages => _state == State.Terminated || (_state == State.Running && !IsHalted);

    internal bool IsHalted => _awaitsVerdict || _parentHalted;

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
            case SuspendActor when !IsStopping:
                Halt(awaitsVerdict: _awaitsVerdict, parentHalted: true);
                break;
            case HoldForRestart when !IsStopping && _state != State.Restarting:
                Halt(awaitsVerdict: true, parentHalted: _parentHalted);
                break;
            case ResumeActor resume when !IsStopping:
                Resume(resume.OwnFailure);
                break;
            case RestartActor restart when !IsStopping:
                BeginRestart(restart.Cause);
                break;
            case StopActor when !IsStopping:
                BeginStop();
                break;
            case ChildEnded ended:
                OnChildEnded(ended);
                break;
            case ChildFailed failed when IsJudged(failed.Child):
                OnChildFailed(failed);
                break;
            case RestartChildNow now when IsJudged(now.Child):
                now.Child.IsRestartPending = false;
                now.Child.LocalSelf.TellSystem(new RestartActor(now.Cause));
                break;
            default:
                // A message for a state that has passed: a resume after a stop, a second stop. Nothing is
                // lost.
                break;
        }
    }

    /// <summary>The handler threw: nothing more is handled until the supervisor has decided.</summary>
    internal void Fail(Exception cause, object? message)
    {
        if (IsStopping || _state == State.Restarting || _awaitsVerdict)
        {
            // It ends, gets a new instance or a verdict anyway; an escalating child waits for that with it.
            return;
        }

        _failedMessage = message;
        Halt(awaitsVerdict: true, parentHalted: _parentHalted);
        if (cell.ParentCell is null)
        {
            cell.System.Log.Error(
                cell.LocalSelf.Path.Elements, "the root of the system failed and stops", cause);
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
            // A factory that throws leaves no instance; the cell waits for its verdict all the same.
            _state = State.Running;
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

    private void Halt(bool awaitsVerdict, bool parentHalted)
    {
        bool wasHalted = IsHalted;
        _awaitsVerdict = awaitsVerdict;
        _parentHalted = parentHalted;
        if (!wasHalted)
        {
            foreach (ActorCell child in cell.Children.Snapshot())
            {
                child.LocalSelf.TellSystem(new SuspendActor());
            }
        }
    }

    private void Resume(bool ownFailure)
    {
        if (!IsHalted || (ownFailure && _state == State.Restarting))
        {
            return;
        }

        if (ownFailure && cell.Instance is null)
        {
            // Its factory threw: there is nothing that could go on.
            BeginStop();
            return;
        }

        ActorCell[] escalated = [];
        if (ownFailure)
        {
            _awaitsVerdict = false;
            _failedMessage = null;
            escalated = cell.Children.TakeEscalated();
        }
        else
        {
            _parentHalted = false;
        }

        foreach (ActorCell child in escalated)
        {
            child.LocalSelf.TellSystem(new ResumeActor(OwnFailure: true));
        }

        if (!IsHalted)
        {
            ResumeChildren();
        }
    }

    private void ResumeChildren()
    {
        foreach (ActorCell child in cell.Children.Snapshot())
        {
            child.LocalSelf.TellSystem(new ResumeActor(OwnFailure: false));
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
        object? message = _failedMessage;
        _failedMessage = null;
        if (!TryRunHook("PreRestart", () => cell.Instance?.PreRestart(cause, message)))
        {
            cell.StopChildren();
        }

        cell.EndThisLife();
        if (cell.Children.StoppingCount == 0)
        {
            FinishRestart();
        }
    }

    /// <summary>
    /// The stopping children have ended. Those that PreRestart kept go on under the new instance.
    /// </summary>
    private void FinishRestart()
    {
        Exception cause = _restartCause!;
        _restartCause = null;
        _awaitsVerdict = false;
        ActorCell[] escalated = cell.Children.TakeEscalated();
        Start(cause);
        if (!IsHalted)
        {
            ResumeChildren();
        }

        foreach (ActorCell child in escalated)
        {
            child.LocalSelf.TellSystem(new RestartActor(cause));
        }
    }

    private void BeginStop()
    {
        if (_state == State.Restarting)
        {
            // PreRestart has ended this instance already, PostStop included.
            cell.DropInstance();
        }

        _state = State.Stopping;
        cell.EndThisLife();
        cell.StopChildren();
        if (cell.Children.Count == 0)
        {
            FinishStop();
        }
    }

    private void FinishStop()
    {
        TryRunHook("PostStop", () => cell.Instance?.PostStop());
        cell.EndThisLife();
        _state = State.Terminated;
        cell.Terminate();
    }

    private void OnChildEnded(ChildEnded ended)
    {
        bool wasHere = cell.Children.Remove(ended.Child);
        ended.Child.AnnounceEnd(ended.Watchers);
        if (!wasHere)
        {
            return;
        }

        if (_state == State.Stopping && cell.Children.Count == 0)
        {
            FinishStop();
        }
        else if (_state == State.Restarting && cell.Children.StoppingCount == 0)
        {
            FinishRestart();
        }
    }

    /// <summary>
    /// False for a child that was told to stop or has ended: no verdict changes that any more.
    /// </summary>
    private bool IsJudged(ActorCell child) => cell.Children.Contains(child) && !child.IsStopRequested;

    private void OnChildFailed(ChildFailed failed)
    {
        Exception cause = failed.Cause;
        SupervisorStrategy strategy = SupervisorStrategy.Default;
        Verdict verdict;
        try
        {
            strategy = cell.Instance?.SupervisorStrategy ?? strategy;
            verdict = strategy.Judge(failed.Child, cause, cell.System.Options.Time);
        }
#pragma warning disable CA1031 // A decider that throws is a failure of the supervisor, for its own to judge.
        catch (Exception own)
#pragma warning restore CA1031
        {
            verdict = new Verdict(Directive.Escalate, TimeSpan.Zero);
            cause = own;
        }

        string source = failed.Child.LocalSelf.Path.Elements;
        cell.System.Log.Error(
            source, $"failed: {failed.Cause.Message}; verdict {verdict.Directive}", failed.Cause);
        if (verdict.Directive == Directive.Escalate)
        {
            failed.Child.IsEscalated = true;
            Fail(cause, failed.Message);
            return;
        }

        // A resume is for the one that failed: its siblings have nothing to be resumed from.
        bool all = strategy.AppliesToAll && verdict.Directive != Directive.Resume;
        foreach (ActorCell child in all ? cell.Children.Snapshot() : [failed.Child])
        {
            if (!child.IsStopRequested)
            {
                Apply(verdict, child, cause);
            }
        }
    }

    private void Apply(Verdict verdict, ActorCell child, Exception cause)
    {
        switch (verdict.Directive)
        {
            case Directive.Resume:
                child.LocalSelf.TellSystem(new ResumeActor(OwnFailure: true));
                break;
            case Directive.Restart when child.IsRestartPending:
                break;
            case Directive.Restart when verdict.Delay > TimeSpan.Zero:
                child.IsRestartPending = true;
                child.LocalSelf.TellSystem(new HoldForRestart());
                cell.System.Scheduler.SystemOnce(
                    verdict.Delay, cell.LocalSelf, new RestartChildNow(child, cause));
                break;
            case Directive.Restart:
                child.LocalSelf.TellSystem(new RestartActor(cause));
                break;
            default:
                cell.StopChild(child);
                break;
        }
    }

    private bool TryRunHook(string name, Action hook)
    {
        try
        {
            hook();
            return true;
        }
#pragma warning disable CA1031 // A hook's failure must not keep an actor from ending; it is logged.
        catch (Exception cause)
#pragma warning restore CA1031
        {
            cell.System.Log.Error(cell.LocalSelf.Path.Elements, $"{name} failed: {cause.Message}", cause);
            return false;
        }
    }
}
