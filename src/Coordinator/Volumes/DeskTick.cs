namespace Replication.Coordinator.Volumes;

/// <summary>Time for the request desk to look at something.</summary>
internal abstract record DeskTick;

/// <summary>Time to look at the deadlines of running and waiting requests.</summary>
internal sealed record DeadlineTick : DeskTick;

/// <summary>Reconciles that failed may be tried again.</summary>
internal sealed record ReconcileTick : DeskTick;
