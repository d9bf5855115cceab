using Replication.Coordinator.Observing;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Keeps every report, in order.</summary>
internal sealed class RequestReports : IRequestObserver
{
    internal List<RequestReport> All { get; } = [];

    internal IEnumerable<RequestReport> OfClients => All.Where(static report => report.IsOfClient);

    public void OnEnded(in RequestReport report) => All.Add(report);
}
