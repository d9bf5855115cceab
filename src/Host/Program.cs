using Replication.Host;
using Replication.Host.Commands;
using Replication.Host.Output;

SocketCompletions.RunInline();
using StopSignals signals = new();
return await ReplicationCommandLine.RunAsync(args, CommandOutput.OfProcess(), signals.Token);
