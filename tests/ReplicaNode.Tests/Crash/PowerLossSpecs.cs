namespace Replication.ReplicaNode.Tests.Crash;

/// <summary>
/// P4 to P9 under power loss: the power goes after every single thing that a replica's disk was told, and
/// what was not synced is lost, kept, or kept in part, down to torn pages. A replica opened on that never
/// claims more than is there.
/// </summary>
public sealed class PowerLossSpecs
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void A_replica_never_claims_more_than_a_power_loss_has_left(int seed)
    {
        List<DiskEvent> log = [];
        CrashWorkload workload = new(seed, log);
        workload.Run(lives: 6);
        DiskReplay replay = new();
        Random random = new(seed);
        int moment = 0;
        foreach (DiskEvent one in log)
        {
            replay.Play(one);
            moment++;
            if (!replay.HasBoth)
            {
                continue;
            }

            foreach (Leaves leaves in (Leaves[])[Leaves.Nothing, Leaves.Everything, Leaves.SomeSectors])
            {
                try
                {
                    new CrashCheck(replay.Crash(leaves, random), workload.Book, moment).Run();
                }
                catch (Exception failure)
                {
                    Assert.Fail($"seed {seed}, moment {moment} of {log.Count}, {leaves}: {failure.Message}");
                }
            }
        }

        Assert.InRange(moment, 200, 100_000);
    }
}
