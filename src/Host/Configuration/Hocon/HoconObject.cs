namespace Replication.Host.Configuration.Hocon;

/// <summary>
/// Members by name, in the order in which each name was first written. A name that comes again replaces its
/// value; two objects are merged. Used by one thread at a time.
/// </summary>
public sealed class HoconObject(HoconPosition position) : HoconValue(position)
{
    private readonly List<string> _names = [];
    private readonly Dictionary<string, HoconMember> _members = new(StringComparer.Ordinal);

    /// <summary>The members, in order.</summary>
    public IEnumerable<HoconMember> Members => _names.Select(name => _members[name]);

    /// <summary>Puts a value at a path, making the objects on the way.</summary>
    /// <param name="path">At least one name.</param>
    /// <param name="position">Where the path is written.</param>
    /// <param name="value">Becomes this object's.</param>
    public void Put(ReadOnlySpan<string> path, HoconPosition position, HoconValue value)
    {
        HoconObject target = this;
        for (; path.Length > 1; path = path[1..])
        {
            if (!target._members.TryGetValue(path[0], out HoconMember? member)
                || member.Value is not HoconObject next)
            {
                next = new HoconObject(position);
                target.Replace(new HoconMember(path[0], position, next));
            }

            target = next;
        }

        target.Put(new HoconMember(path[0], position, value));
    }

    private void Put(HoconMember member)
    {
        if (member.Value is HoconObject added && _members.TryGetValue(member.Name, out HoconMember? there)
            && there.Value is HoconObject existing)
        {
            foreach (HoconMember inner in added.Members)
            {
                existing.Put(inner);
            }

            return;
        }

        Replace(member);
    }

    private void Replace(HoconMember member)
    {
        if (!_members.ContainsKey(member.Name))
        {
            _names.Add(member.Name);
        }

        _members[member.Name] = member;
    }
}
