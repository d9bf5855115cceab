using System.Globalization;
using Replication.Actors;

namespace Replication.TestKit.Simulation;

/// <summary>
/// What happened in a world, step by step: a hash over all of it, the last steps for a failure's message, and
/// the whole text on request. Equal hashes of two runs of a seed show that nothing but the seed decided.
/// </summary>
public sealed class SimulationTrace : IMessageObserver
{
    private const int LastCount = 40;

    private readonly TimerQueue _timers;
    private readonly Dictionary<Type, ulong> _typeHashes = [];
    private readonly (long Ticks, string Place, string What)[] _last = new (long, string, string)[LastCount];
    private readonly List<string>? _lines;

    internal SimulationTrace(TimerQueue timers, bool keepsText)
    {
        _timers = timers;
        _lines = keepsText ? [] : null;
    }

    /// <summary>A hash of every entry so far: virtual time, place and kind.</summary>
    public ulong Hash { get; private set; } = 0xCBF29CE484222325;

    /// <summary>Entries so far.</summary>
    public long EntryCount { get; private set; }

    /// <summary>
    /// Told of each message in the moment before its actor handles it; null when nobody looks.
    /// </summary>
    public Action<ActorSystem, object>? MessageSeen { get; set; }

    /// <summary>Every entry as text, when the world keeps it; else empty.</summary>
    public IReadOnlyList<string> Lines => _lines ?? [];

    /// <summary>
    /// Adds an event that is not a message, such as a dropped connection or a crashed disk.
    /// </summary>
    public void Mark(string place, string what) => Add(place, what, SeededIdSource.HashOf(what));

    /// <summary>The last entries as lines, oldest first.</summary>
    public string LastLines()
    {
        IEnumerable<string> lines = Enumerable.Range(0, LastCount)
            .Select(index => _last[(EntryCount + index) % LastCount])
            .Where(static entry => entry.Place is not null)
            .Select(static entry => Format(entry.Ticks, entry.Place, entry.What));
        return string.Join('\n', lines);
    }

    void IMessageObserver.OnMessage(ActorSystem system, IActorRef actor, object message)
    {
        Type type = message.GetType();
        if (!_typeHashes.TryGetValue(type, out ulong hash))
        {
            hash = SeededIdSource.HashOf(type.ToString());
            _typeHashes.Add(type, hash);
        }

        Fold(SeededIdSource.HashOf(system.Name));
        Add(actor.Path.ToString(), type.Name, hash);
        MessageSeen?.Invoke(system, message);
    }

    private static string Format(long ticks, string place, string what) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{TimeSpan.FromTicks(ticks).TotalMilliseconds,12:F4} ms  {place}  {what}");

    private void Add(string place, string what, ulong whatHash)
    {
        Fold((ulong)_timers.NowTicks);
        Fold(SeededIdSource.HashOf(place));
        Fold(whatHash);
        _last[EntryCount % LastCount] = (_timers.NowTicks, place, what);
        EntryCount++;
        _lines?.Add(Format(_timers.NowTicks, place, what));
    }

    private void Fold(ulong value)
    {
        ulong mixed = Hash ^ value;
        mixed *= 0x9E3779B97F4A7C15;
        Hash = mixed ^ (mixed >> 29);
    }
}
