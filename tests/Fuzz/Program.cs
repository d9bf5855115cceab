using Replication.Fuzz;

return await new CommandLine(Console.Out).RunAsync(args);
