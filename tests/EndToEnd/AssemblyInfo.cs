// Real processes on few cores: one scenario at a time, so that a time limit means what it says.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
