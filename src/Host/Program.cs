using Replication.Host.Commands;
using Replication.Host.Output;

using StopSignals signals = new();
return await ReplicationCommandLine.RunAsync(args, CommandOutput.OfProcess(), signals.Token);
