using Replication.Model;

return new CommandLine(Console.Out).Run(args);
