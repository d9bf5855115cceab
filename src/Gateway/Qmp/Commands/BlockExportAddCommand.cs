using System.Text;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Gateway.Exports;
using Replication.Gateway.Nbd;
using Replication.Gateway.Qmp.Blocks;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>block-export-add</c>: offers a quorum to NBD clients, with QEMU's checks in its order and words.
/// </summary>
/// <param name="gateway">Answers AddExport.</param>
/// <param name="graph">The nodes there are.</param>
/// <param name="door">Has to be open, as QEMU wants it.</param>
public sealed class BlockExportAddCommand(GatewayCalls gateway, BlockGraph graph, INbdDoor door) : IQmpCommand
{
    private const string NbdType = "nbd";

    /// <inheritdoc/>
    public string Name => "block-export-add";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        arguments.Word("type", NbdType);
        string id = arguments.String("id");
        string node = arguments.String("node-name");
        bool writable = arguments.OptionalBoolean("writable") ?? false;
        bool writethrough = arguments.OptionalBoolean("writethrough") ?? false;
        string name = arguments.OptionalString("name") ?? node;
        string description = arguments.OptionalString("description") ?? "";
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        VolumeExport export = new(id, name, writable, description);
        using NameClaim? claim = graph.TryClaim(
            [BlockGraph.ExportIdClaim(id), BlockGraph.ExportNameClaim(name)]);

        // Nobody deletes the node between the look at it and its export.
        using NameClaim? nodeClaim = graph.TryClaim([node]);
        (BlockView? view, QmpResult? unknown) = await graph.ViewAsync();
        if (view is null)
        {
            return unknown!;
        }

        string? error = writethrough
            ? "writethrough=on is not offered: it is a volume's durability, which is chosen at its creation"
            : Error(view, node, export, isClaimed: claim is not null)
                ?? (nodeClaim is null
                    ? $"Another command is changing node {node}; try again"
                    : null);
        return error is not null
            ? QmpResult.Fail(error)
            : await gateway.RunAsync<ExportsChanged>(
                new AddExport(node, export), static _ => QmpResult.Empty, claim, nodeClaim);
    }

    private string? Error(BlockView view, string node, VolumeExport export, bool isClaimed)
    {
        VolumeExport[] all = [.. view.Volumes.SelectMany(static volume => volume.Exports)];
        if (!IsWellFormed(export.Id))
        {
            return "Invalid block export id";
        }

        if (!isClaimed || all.Any(other => other.Id == export.Id))
        {
            return $"Block export id '{export.Id}' is already in use";
        }

        if (!view.Has(node))
        {
            return BlockTexts.CannotFindNode(node);
        }

        if (view.FindVolume(node) is null)
        {
            return $"Node '{node}' is a replica; a quorum is what can be exported";
        }

        if (!door.IsOpen)
        {
            return "NBD server not running";
        }

        if (Encoding.UTF8.GetByteCount(export.Name) is var nameBytes and (0 or > Export.NameMaxBytes))
        {
            return nameBytes == 0 ? "export name '' is empty" : $"export name '{export.Name}' too long";
        }

        if (Encoding.UTF8.GetByteCount(export.Description) > Export.DescriptionMaxBytes)
        {
            return $"description '{export.Description}' too long";
        }

        return all.Any(other => other.Name == export.Name)
            ? $"NBD server already has export named '{export.Name}'"
            : null;
    }

    /// <summary>QEMU's rule for ids.</summary>
    private static bool IsWellFormed(string id) => id.Length > 0 && char.IsAsciiLetter(id[0])
        && id.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '_');
}
