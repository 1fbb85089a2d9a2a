using Xunit;

namespace AltClip.Tests;

/// <summary>
/// Tests that count the process's live tensors or memory, or set what is the process's: the generator of random numbers, threads, variables of
/// the environment. They run one after the other, once all others are done.
/// </summary>
[CollectionDefinition(nameof(ProcessWide), DisableParallelization = true)]
public sealed class ProcessWide;
