using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Replication.Architecture.Sources;

namespace Replication.Architecture.Rooms;

/// <summary>Arrows between rooms point one way (DESIGN.md section 3), in the project files and in what the
/// compiler made of them.</summary>
public sealed class RoomArrowTests
{
    /// <summary>What each room sees. An arrow reaches through: a room sees what its targets see.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new(StringComparer.Ordinal)
    {
        ["Actors"] = [],
        ["Messages"] = ["Actors"],
        ["Cluster"] = ["Messages"],
        ["Coordinator"] = ["Cluster"],
        ["ReplicaNode"] = ["Cluster"],
        ["Gateway"] = ["Coordinator"],
        ["Host"] = ["Gateway", "ReplicaNode"],
    };

    public static TheoryData<string> Rooms => [.. Arrows.Keys];

    [Fact]
    public void Every_room_under_src_has_its_place_among_the_arrows() =>
        Assert.Equal(Arrows.Keys.Order(StringComparer.Ordinal), Repository.RoomNames());

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_rooms_project_references_only_rooms_it_may_see(string room)
    {
        var project = XDocument.Load(Path.Combine(Repository.Root, "src", room, room + ".csproj"));

        Assert.Empty(Forbidden(room, ProjectReferences(project)));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_rooms_assembly_references_only_rooms_it_may_see(string room) =>
        Assert.Empty(Forbidden(room, AssemblyReferences(AssemblyPath(room))));

    [Theory]
    [InlineData("Actors", "Messages")]
    [InlineData("Coordinator", "ReplicaNode")]
    [InlineData("ReplicaNode", "Coordinator")]
    [InlineData("Gateway", "Host")]
    [InlineData("Cluster", "TestKit")]
    public void An_arrow_the_wrong_way_is_found(string room, string target)
    {
        var project = XDocument.Parse(
            $"<Project><ItemGroup><ProjectReference Include=\"../{target}/{target}.csproj\" />"
            + "</ItemGroup></Project>");

        Assert.Equal([target], Forbidden(room, ProjectReferences(project)));
    }

    [Fact]
    public void References_of_a_built_assembly_are_read() =>
        Assert.Contains(
            "Microsoft.CodeAnalysis", ReferencedAssemblies(typeof(RoomArrowTests).Assembly.Location));

    private static List<string> Forbidden(string room, IEnumerable<string> targets)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(Arrows[room]);
        while (open.TryPop(out var next))
        {
            if (seen.Add(next))
            {
                Array.ForEach(Arrows[next], open.Push);
            }
        }

        return [.. targets.Where(target => !seen.Contains(target))];
    }

    private static IEnumerable<string> ProjectReferences(XDocument project) =>
        project.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));

    private static IEnumerable<string> AssemblyReferences(string path) =>
        ReferencedAssemblies(path)
            .Where(name => name.StartsWith("Replication.", StringComparison.Ordinal))
            .Select(name => name["Replication.".Length..]);

    private static List<string> ReferencedAssemblies(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences
            .Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    private static string AssemblyPath(string room) =>
        Path.Combine(
            AppContext.BaseDirectory, room == "Host" ? "replication.dll" : $"Replication.{room}.dll");
}
