using System.Text.Json.Nodes;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>A command that is one request to the gateway.</summary>
/// <param name="gateway">Answers the request.</param>
/// <typeparam name="TAnswer">What it answers when it does not refuse.</typeparam>
public abstract class GatewayCommand<TAnswer>(GatewayCalls gateway) : IQmpCommand
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        object request = Request(arguments);
        return arguments.Fails(out QmpResult? failure)
            ? failure
            : await gateway.RunAsync<TAnswer>(request, answer => QmpResult.Return(Describe(answer)));
    }

    /// <summary>The request; it is not made when an argument was missing or wrong.</summary>
    protected abstract object Request(QmpArguments arguments);

    /// <summary>What the command returns.</summary>
    protected abstract JsonNode Describe(TAnswer answer);
}
