namespace Replication.Actors.Supervision;

/// <summary>What a supervisor does about a child that failed.</summary>
public enum Directive
{
    /// <summary>The child goes on with its state; the message that failed it is gone.</summary>
    Resume,

    /// <summary>A new instance takes the place of the old one; the mailbox stays.</summary>
    Restart,

    /// <summary>The child ends.</summary>
    Stop,

    /// <summary>The supervisor itself counts as failed, with the child's cause.</summary>
    Escalate,
}
