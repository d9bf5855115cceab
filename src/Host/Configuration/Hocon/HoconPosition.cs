using System.Globalization;

namespace Replication.Host.Configuration.Hocon;

/// <summary>Where something was written.</summary>
/// <param name="Source">The file's path, or what stands for one: <c>--set KEY</c>, a variable.</param>
/// <param name="Line">From 1; 0 where the source has no lines.</param>
/// <param name="Column">From 1, in UTF-16 units; 0 where the source has no lines.</param>
public readonly record struct HoconPosition(string Source, int Line, int Column)
{
    /// <summary>As compilers write it, so that editors can jump there: <c>FILE:LINE:COLUMN</c>.</summary>
    public override string ToString() => Line == 0
        ? Source
        : string.Create(CultureInfo.InvariantCulture, $"{Source}:{Line}:{Column}");
}
