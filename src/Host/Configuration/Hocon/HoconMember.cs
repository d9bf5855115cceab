namespace Replication.Host.Configuration.Hocon;

/// <summary>A member of an object.</summary>
/// <param name="Name">Its name, without quotes.</param>
/// <param name="Position">Where the name is written.</param>
/// <param name="Value">Its value.</param>
public sealed record HoconMember(string Name, HoconPosition Position, HoconValue Value);
