namespace AltClip.Mutation;

/// <summary>Sources that belong together, with the tests that cover them.</summary>
/// <param name="Name">What reports call it. Areas of one name are one in samples and counts.</param>
/// <param name="Project">The project, below <c>src</c>.</param>
/// <param name="Sources">Files of the project, by patterns below its folder.</param>
/// <param name="Tests">The project of the tests, below <c>tests</c>.</param>
/// <param name="Stages">Classes of tests, the fastest stage first: what one doesn't kill, the next is asked of. A group of AltClip.Conformance is in lower case, and alone.</param>
internal sealed record Area(string Name, string Project, IReadOnlyList<string> Sources, string Tests, IReadOnlyList<IReadOnlyList<string>> Stages)
{
    public static IReadOnlyList<Area> All { get; } =
    [
        new("tokenizer", "AltClip", ["Tokenization/*Reader.cs", "Tokenization/*Reading.cs", "Tokenization/*Loading.cs", "Tokenization/TokenizerFiles.cs", "Tokenization/TokenizerOptions*.cs"], "AltClip.Tests",
        [
            ["TokenizerSettingsTests", "TokenizerRefusalTests", "TokenizerLoadingTests", "NormalizerStepsTests", "AddedTokenTests"],
            ["XLMRobertaTokenizerTests", "TokenizerSavingTests", "ForeignTokenizerTests", "UnigramSegmenterTests"],
            ["TokenizerConformanceTests", "BoundedReadingTests"],
            ["WrongMembersTests"],
        ]),
        new("tokenizer", "AltClip", ["Tokenization/*.cs"], "AltClip.Tests",
        [
            [
                "PrecompiledCharsMapTests", "NormalizationFormCTests", "NormalizerStepsTests", "UnigramSegmenterTests", "TokenizerRefusalTests", "BatchEncodingTests",
                "AddedTokenTests", "XLMRobertaTokenizerTests",
            ],
            ["TokenizerConformanceTests", "TokenizerSettingsTests", "TokenizerLoadingTests"],
            ["TokenizerSavingTests", "ForeignTokenizerTests", "BoundedReadingTests", "NullArgumentTests"],
        ]),
        new("safetensors", "AltClip", ["Checkpoints/SafeTensor*.cs", "Checkpoints/Shard*.cs", "Checkpoints/TensorFile.cs", "Checkpoints/CheckpointWriter.cs"], "AltClip.Tests",
        [
            ["SafeTensorsHeaderTests", "SafeTensorsTests", "CheckpointWriterTests", "CheckpointFilesTests"],
            ["SafeTensorsMemoryTests", "InterruptedSaveTests", "TwoSavesTests", "PretrainedTests", "BoundedReadingTests"],
            ["LoadReportTests", "UnmappedTests", "ReplacedFileTests", "NullArgumentTests"],
        ]),
        new("pickle", "AltClip", ["Checkpoints/PyTorch/*.cs"], "AltClip.Tests",
        [
            ["PickleInstructionTests", "UnpicklerTests", "ZipDirectoryTests"],
            ["PyTorchCheckpointTests", "CheckpointFilesTests", "PretrainedTests"],
            ["BoundedReadingTests"],
        ]),
        new("resampler", "AltClip", ["Imaging/PillowResampler.cs", "Imaging/Resampl*.cs", "Imaging/ResizeCost.cs", "Imaging/PixelVectors.cs", "Imaging/PixelRows.cs", "Imaging/ImageGeometry.cs"], "AltClip.Tests",
        [
            ["PillowResamplerTests", "ResizeCostTests"],
            ["CLIPImageProcessorTests", "ImagesConformanceTests", "NullArgumentTests"],
        ]),
        new("losses", "AltClip.Training", ["Losses/*.cs"], "AltClip.Training.Tests",
        [
            ["TrainingLossTests", "GradientCacheTests", "NullArgumentTests"],
            ["training2"],
            ["TrainerTests", "TrainerRunTests"],
            ["TrajectoryFaultTests"],
        ]),
        new("optimiser", "AltClip.Training", ["Optimization/WeightAverage*.cs"], "AltClip.Training.Tests", [["WeightAverageTests"], ["training2"]]),
        new("optimiser", "AltClip.Training", ["Optimization/*.cs"], "AltClip.Training.Tests",
        [
            ["LearningRatesTests", "ParameterGroupsTests", "OptimizerStepsTests", "MuonStepsTests", "NullArgumentTests"],
            ["training2"],
            ["TrainerTests", "TrainerRunTests"],
            ["TrajectoryFaultTests"],
        ]),
        new("batcher", "AltClip.Training", ["Data/BatchLoader*.cs", "Data/Prefetcher.cs", "Data/*Plan.cs", "Data/ExampleBatch.cs"], "AltClip.Training.Tests",
        [
            ["BatchLoaderTests", "RankLoaderTests", "DataSetTests"],
            ["ImageTextLoaderTests", "NullArgumentTests"],
        ]),
    ];
}
