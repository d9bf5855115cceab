namespace Replication.Messages.Tests.Digests;

/// <summary>
/// A fact that asks the real xxh128sum; it is skipped, visibly, where that is not installed.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class XxhsumFactAttribute : FactAttribute
{
    public XxhsumFactAttribute()
    {
        if (!Xxhsum.IsInstalled)
        {
            Skip = "xxh128sum is not on the PATH (Debian: apt install xxhash).";
        }
    }
}
