using Xunit;

namespace AltClip.Tests;

/// <summary>Tests that count live tensors or the process's memory, which tests running beside them would change.</summary>
[CollectionDefinition(nameof(CheckpointCollection), DisableParallelization = true)]
public class CheckpointCollection;
