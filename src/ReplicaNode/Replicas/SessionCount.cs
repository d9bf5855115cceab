namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// Requests started and not answered: of the session accepted last, and of all before it (P9 waits for
/// those).
/// </summary>
internal sealed class SessionCount
{
    /// <summary>
    /// How many opens were accepted: what was started under a lower number belongs to an earlier session.
    /// </summary>
    internal int Opening { get; private set; }

    /// <summary>Under way for the session accepted last.</summary>
    internal int Count { get; private set; }

    /// <summary>Under way for earlier sessions.</summary>
    internal int EarlierCount { get; private set; }

    internal void BeginNext()
    {
        Opening++;
        EarlierCount += Count;
        Count = 0;
    }

    internal void Started() => Count++;

    internal void Ended(int opening)
    {
        if (opening == Opening)
        {
            Count--;
        }
        else
        {
            EarlierCount--;
        }
    }
}
