using Replication.Actors;
using Replication.Messages;
using Replication.ReplicaNode.Sidecar;
using Replication.ReplicaNode.Storage;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// Lets requests in: those of the open session (P8), within bounds, a limited number at a time; counts them
/// until they are answered, and refuses the others with the reason.
/// </summary>
/// <param name="sidecar">Says how large the volume is and which epoch was accepted last.</param>
/// <param name="answers">Where answers go out.</param>
/// <param name="start">Carries out a request that was let in; it ends by <see cref="Leave"/>.</param>
/// <param name="left">Told after each request that has left.</param>
internal sealed class ReplicaDoor(
    SidecarState sidecar, ReplicaAnswers answers, Action<AskedRequest> start, Action left)
{
    private readonly Admission _admission = new();
    private bool _isAdmitting;

    internal ReplicaFence Fence { get; } = new(sidecar.Header.FenceEpoch);

    internal SessionCount Session { get; } = new();

    /// <summary>The session is being closed: no further request of it is taken.</summary>
    internal bool IsClosing { get; set; }

    /// <summary>One request is left, which is the close, and nothing waits.</summary>
    internal bool IsIdleButOne => Session.Count == 1 && !_admission.HasWaiting;

    /// <summary>How the replica is doing.</summary>
    internal ReplicaStatus StatusOf(string volumeName, int hotZoneCount) =>
        new(volumeName, hotZoneCount, _admission.RunningCount, _admission.WaitingCount);

    /// <summary>A request has come.</summary>
    internal void Take(ReplicaRequest request, IActorRef replyTo)
    {
        AskedRequest asked = new(request, replyTo, answers.Now);
        if (Judge(request) is ReplicaFailed refused)
        {
            Refuse(asked, refused);
        }
        else if (request is ConfirmReplica)
        {
            // That it was not refused is all there is to it (P14).
            answers.Send(asked, new ReplicaDone(request.Tag));
        }
        else if (_admission.TryEnter(request))
        {
            Start(asked);
        }
        else if (!_admission.TryWait(asked))
        {
            Refuse(asked, Refusals.LineFull(request.Tag));
        }
    }

    /// <summary>Answers a request of the open session that held no buffer.</summary>
    internal void Answer(in AskedRequest asked, ReplicaReply reply)
    {
        answers.Send(asked, reply);
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
        while (_admission.TryTakeWaiting(out AskedRequest asked))
        {
            if (Judge(asked.Request) is ReplicaFailed refused)
            {
                _admission.Leave(RequestCheck.HeldBytes(asked.Request));
                Refuse(asked, refused);
            }
            else
            {
                Start(asked);
            }
        }

        _isAdmitting = false;
        left();
    }

    /// <summary>The session has ended: whoever waits is refused.</summary>
    internal void RefuseWaiting()
    {
        while (_admission.TryDropWaiting(out AskedRequest asked))
        {
            ReplicaRefusal refusal = Fence.Check(asked.Request.Ticket) ?? ReplicaRefusal.WrongIncarnation;
            Refuse(asked, Refusals.Fenced(asked.Tag, refusal, Fence));
        }
    }

    /// <summary>Answers a request that is not carried out, and returns its buffer.</summary>
    internal void Refuse(in AskedRequest asked, ReplicaFailed refused)
    {
        (asked.Request as WriteReplica)?.Payload.Release();
        answers.Send(asked, refused);
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

    private void Start(in AskedRequest asked)
    {
        Session.Started();
        start(asked);
    }
}
