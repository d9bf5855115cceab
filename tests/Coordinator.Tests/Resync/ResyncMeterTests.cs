using Replication.Coordinator.Resync;

namespace Replication.Coordinator.Tests.Resync;

public sealed class ResyncMeterTests
{
    [Fact]
    public void The_time_left_is_unknown_until_all_that_is_to_do_is_listed()
    {
        ResyncMeter meter = new();
        meter.At(TimeSpan.Zero, toDoBytes: 400, isListed: false);
        meter.Add(doneBytes: 200, copiedBytes: 0);

        Assert.Null(meter.At(TimeSpan.FromSeconds(2), toDoBytes: 200, isListed: false).SecondsLeft);
        Assert.Equal(2, meter.At(TimeSpan.FromSeconds(2), toDoBytes: 200, isListed: true).SecondsLeft);
    }
}
