using Replication.Actors.Disk;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>What a request may ask for at all.</summary>
internal static class RequestRules
{
    /// <summary>Why a request makes no sense for a volume of this size; null when it does.</summary>
    internal static RangeFailed? InvalidityOf(RangeRequest request, long sizeBytes)
    {
        (long offset, long length) = LiveRequest.RangeOf(request);
        if (request is ReadRange or WriteRange && length > RequestLimits.LengthMaxBytes)
        {
            return new RangeFailed(
                Errno.Invalid, $"one request reads or writes at most {RequestLimits.LengthMaxBytes} bytes");
        }

        bool outside = offset < 0 || length <= 0 || length > sizeBytes || offset > sizeBytes - length;
        return request is not FlushVolume && outside
            ? new RangeFailed(Errno.Invalid, $"the range is outside the volume's {sizeBytes} bytes")
            : null;
    }

    /// <summary>Why one more is too many; null when it is not.</summary>
    internal static RangeFailed? ExcessOf(int underWayCount, int countMax) => underWayCount >= countMax
        ? new RangeFailed(Errno.NoMemory, $"{countMax} requests are under way")
        : null;
}
