using Replication.Model.Steps;

namespace Replication.Model.Scenarios;

/// <summary>A rule taken out, and what the search must find without it.</summary>
/// <param name="Name">How the command line calls it.</param>
/// <param name="Story">What goes wrong, in a few words.</param>
/// <param name="Rules">All rules but one.</param>
/// <param name="Finds">The invariant that must be found broken.</param>
/// <param name="Bounds">The smallest bounds in which it is.</param>
internal sealed record Scenario(string Name, string Story, Rules Rules, Invariant Finds, Bounds Bounds);
