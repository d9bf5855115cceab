namespace Replication.Coordinator.Volumes;

/// <summary>
/// Tags of what a volume itself asks nodes and replicas: none is given twice, so an answer names what it
/// answers, however late it comes.
/// </summary>
internal sealed class TagSource
{
    private int _last;

    internal int Next() => _last = _last == int.MaxValue ? 1 : _last + 1;
}
