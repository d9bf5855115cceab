using System.Globalization;
using System.Reflection;
using Replication.Model.Steps;

namespace Replication.Model;

/// <summary>Bounds as text: <c>Children=3,Losses=2,Resync</c>.</summary>
internal static class BoundsText
{
    /// <summary>What differs from the default, and the children and threshold.</summary>
    public static string Of(Bounds bounds)
    {
        var plain = new Bounds();
        var parts = Properties.Where(property => property.Name is "Children" or "Threshold"
            || !Equals(property.GetValue(bounds), property.GetValue(plain)));
        return string.Join(",", parts.Select(property => property.GetValue(bounds) is true
            ? property.Name
            : $"{property.Name}={property.GetValue(bounds)}"));
    }

    /// <summary>
    /// Reads it; throws <see cref="FormatException"/> that names the part it does not know.
    /// </summary>
    public static Bounds Parse(string text)
    {
        var bounds = new Bounds();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = part.Split('=');
            var property = Properties.FirstOrDefault(one => one.Name == words[0])
                ?? throw new FormatException($"no bound {words[0]}; there are {Names}");
            object value = property.PropertyType == typeof(bool)
                ? words.Length == 1 || bool.Parse(words[1])
                : int.Parse(words[^1], CultureInfo.InvariantCulture);
            property.SetValue(bounds, value);
        }

        return bounds;
    }

    private static string Names => string.Join(", ", Properties.Select(property => property.Name));

    private static PropertyInfo[] Properties { get; } = typeof(Bounds)
        .GetProperties(BindingFlags.Instance | BindingFlags.Public);
}
