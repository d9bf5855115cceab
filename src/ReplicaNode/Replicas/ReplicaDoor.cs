using Replication.Actors;
using Replication.Messages;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// Lets requests in: those of the open session (P8), within bounds, a limited number at a time; counts them
/// until they are answered, and refuses the others with the reason.
/// </summary>
/// <param name="sidecar">Says how large the volume is and which epoch was accepted last.</param>
/// <param name="replica">Who answers.</param>
/// <param name="start">Carries out a request that was let in; it ends by <see cref="Leave"/>.</param>
/// <param name="left">Told after each request that has left.</param>
internal sealed class ReplicaDoor(
    SidecarState sidecar, IActorRef replica, Action<ReplicaRequest, IActorRef> start, Action left)
{
    private readonly Admission _admission = new();
    private bool _isAdmitting;

    internal ReplicaFence Fence { get; } = new(sidecar.Header.FenceEpoch);

    internal SessionCount Session { get; } = new();

    /// <summary>The session is being closed: no further request of it is taken.</summary>
    internal bool IsClosing { get; set; }

    /// <summary>One request is left, which is the close, and nothing waits.</summary>
    internal bool IsIdleButOne => Session.Count == 1 && !_admission.HasWaiting;

    /// <summary>A request has come.</summary>
    internal void Take(ReplicaRequest request, IActorRef replyTo)
    {
        if (Judge(request) is ReplicaFailed refused)
        {
            Refuse(request, replyTo, refused);
        }
        else if (_admission.TryEnter(request))
        {
            Start(request, replyTo);
        }
        else if (!_admission.TryWait(request, replyTo))
        {
            Refuse(request, replyTo, Refusals.LineFull(request.Tag));
        }
    }

    /// <summary>Answers a request of the open session that held no buffer.</summary>
    internal void Answer(IActorRef replyTo, ReplicaReply reply)
    {
        replyTo.Tell(reply, replica);
        Leave(Session.Opening, heldBytes: 0);
    }

    /// <summary>
    /// A request that was started, in the session with that number, has been answered. Those who wait follow;
    /// one that ends at once is followed by this same loop, not by one inside it.
    /// </summary>
    internal void Leave(int opening, long heldBytes)
    {
        _admission.Leave(heldBytes);
        Session.Ended(opening);
        if (_isAdmitting)
        {
            return;
        }

        _isAdmitting = true;
        while (_admission.TryTakeWaiting(out ReplicaRequest? request, out IActorRef? replyTo))
        {
            if (Judge(request) is ReplicaFailed refused)
            {
                _admission.Leave(RequestCheck.HeldBytes(request));
                Refuse(request, replyTo!, refused);
            }
            else
            {
                Start(request, replyTo!);
            }
        }

        _isAdmitting = false;
        left();
    }

    /// <summary>The session has ended: whoever waits is refused.</summary>
    internal void RefuseWaiting()
    {
        while (_admission.TryDropWaiting(out ReplicaRequest? request, out IActorRef? replyTo))
        {
            ReplicaRefusal refusal = Fence.Check(request.Ticket) ?? ReplicaRefusal.WrongIncarnation;
            Refuse(request, replyTo!, Refusals.Fenced(request.Tag, refusal, Fence));
        }
    }

    /// <summary>Answers a request that is not carried out, and returns its buffer.</summary>
    internal void Refuse(ReplicaRequest request, IActorRef replyTo, ReplicaFailed refused)
    {
        (request as WriteReplica)?.Payload.Release();
        replyTo.Tell(refused, replica);
    }

    private ReplicaFailed? Judge(ReplicaRequest request)
    {
        ReplicaRefusal? refusal = Fence.Check(request.Ticket)
            ?? (IsClosing ? ReplicaRefusal.WrongIncarnation : null);
        if (refusal is ReplicaRefusal fenced)
        {
            return Refusals.Fenced(request.Tag, fenced, Fence);
        }

        return RequestCheck.Problem(request, sidecar.Header.SizeBytes) is string problem
            ? Refusals.Bad(request.Tag, problem)
            : null;
    }

    private void Start(ReplicaRequest request, IActorRef replyTo)
    {
        Session.Started();
        start(request, replyTo);
    }
}
