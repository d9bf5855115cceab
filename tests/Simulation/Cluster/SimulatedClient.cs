using Replication.Messages;
using Replication.Simulation.Checking;
using Replication.TestKit.Simulation;

namespace Replication.Simulation.Cluster;

/// <summary>
/// A client of the volume: random reads, writes, zeroings, flushes and queries, several at a time, each told
/// to the model. It is connected to one gateway's export; when that is withdrawn or its gateway dies, what it
/// had asked has no answer, and it connects anew.
/// </summary>
internal sealed class SimulatedClient
{
    private const int InFlightMax = 4;
    private const int HotSectors = 24;
    private const int LengthMaxSectors = 40;

    private readonly string _name;
    private readonly SeededIdSource _random;
    private readonly List<ClientRequest> _underWay = [];
    private SimulatedExport? _export;
    private int _lanes;
    private int _left;

    internal SimulatedClient(SimulatedCluster cluster, ClientTally tally, string name, bool durableWrites)
    {
        _name = name;
        Cluster = cluster;
        Tally = tally;
        DurableWrites = durableWrites;
        Replicas = new ReplicaCheck(cluster, cluster.Model);
        _random = cluster.World.Random($"client {name}");
        Gateway = cluster.Gateways[^1];
    }

    internal SimulatedCluster Cluster { get; }

    internal VolumeModel Model => Cluster.Model;

    internal ClientTally Tally { get; }

    internal ReplicaCheck Replicas { get; }

    /// <summary>True when the volume syncs before it acknowledges.</summary>
    internal bool DurableWrites { get; }

    /// <summary>The gateway that it connects to.</summary>
    internal string Gateway { get; set; }

    internal bool IsDone => _left == 0 && _lanes == 0;

    /// <summary>Requests under way, oldest first.</summary>
    internal IReadOnlyList<ClientRequest> UnderWay => _underWay;

    /// <summary>Lets it run this many requests.</summary>
    internal void Run(int requestCount)
    {
        _left += requestCount;
        FillLanes();
    }

    /// <summary>Sends nothing more; what is under way may end.</summary>
    internal void Stop() => _left = 0;

    /// <summary>Sends one request as soon as there is an export to send it to.</summary>
    internal void Send(ClientRequest request)
    {
        if (Connected() is not SimulatedExport export)
        {
            Cluster.World.After(_random.NextSpan(Milliseconds(20), Milliseconds(200)), () => Send(request));
            return;
        }

        _underWay.Add(request);
        Tally.Sent++;
        request.Begin(export, Cluster.World.StepCount);
        export.Volume.Tell(request.MakeMessage(_random), request);
    }

    internal void OnReply(ClientRequest request, RangeReply reply)
    {
        if (request.IsAnswered)
        {
            Cluster.Violations.Add($"{_name}: a request was answered twice, the second time {reply}");
            return;
        }

        request.IsAnswered = true;
        if (!_underWay.Remove(request))
        {
            // Its connection is closed: the answer goes nowhere.
            (reply as RangeRead)?.Data.Release();
            return;
        }

        Tally.Answered++;
        bool isWell = reply is not RangeFailed;
        Tally.Failed += isWell ? 0 : 1;
        if (request.Claims(reply))
        {
            Cluster.OnSuccess(request);
        }

        request.OnReply(reply, Cluster.World.StepCount);
        request.Ended?.Invoke(isWell);
    }

    internal void OnClosed(SimulatedExport export)
    {
        foreach (ClientRequest request in _underWay.FindAll(one => ReferenceEquals(one.Export, export)))
        {
            _underWay.Remove(request);
            Tally.Closed++;
            request.Ended?.Invoke(false);
        }
    }

    private static TimeSpan Milliseconds(int count) => TimeSpan.FromMilliseconds(count);

    private SimulatedExport? Connected()
    {
        SimulatedExport? export = Cluster.ExportOf(Gateway);
        if (export is not null && !ReferenceEquals(export, _export))
        {
            export.Attach(this);
            _export = export;
        }

        return export;
    }

    private void FillLanes()
    {
        while (_left > 0 && _lanes < InFlightMax)
        {
            _lanes++;
            RunLane(hasFailed: false);
        }
    }

    /// <summary>Bursts, with rests in between; longer ones after a failure.</summary>
    private void RunLane(bool hasFailed)
    {
        if (_left == 0)
        {
            _lanes--;
            return;
        }

        _left--;
        int pauseMaxMs = hasFailed ? 600 : _random.Chance(0.7) ? 20 : 1000;
        Cluster.World.After(_random.NextSpan(TimeSpan.Zero, Milliseconds(pauseMaxMs)), () =>
        {
            ClientRequest request = MakeRequest();
            request.Ended = well => RunLane(!well);
            Send(request);
        });
    }

    private ClientRequest MakeRequest()
    {
        int count = _random.Chance(0.5) ? 8 : 1 + _random.NextInt(LengthMaxSectors);

        // Half of the requests meet over the boundary of two zones.
        int first = _random.Chance(0.5)
            ? (Islands.SectorsEach * 3 / 2) - (HotSectors / 2) + _random.NextInt(HotSectors)
            : (_random.NextInt(Islands.Count) * Islands.SectorsEach)
                + _random.NextInt(Islands.SectorsEach - count);
        return _random.NextInt(20) switch
        {
            < 8 => new ReadRequest(this, first, count),
            < 15 => new WriteRequest(this, first, count, Model.NextWrite()),
            15 or 16 => new WriteRequest(this, first, count, value: 0),
            17 or 18 => new FlushRequest(this),
            _ => new ExtentsRequest(this, first, count),
        };
    }
}
