using Xunit.Sdk;

// Many tests count the process's live tensors, which tests beside them would change.
[assembly: Xunit.v3.Parallelization(Mode = ParallelMode.None)]
