using AltClip;
using TorchSharp;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>The whole recipe. Started again, it goes on from its last checkpoint.</summary>
internal sealed class Recipe : IDisposable
{
    /// <summary>The languages whose mean score the recipe is judged by, besides English.</summary>
    public static readonly string[] Judged = ["zh", "ar", "fr", "hi", "ja", "sw"];

    private static readonly string[] ImageTower = ["vision_model.*", "visual_projection.*"];

    private static readonly Phase[] English =
    [
        new("english-32", 1400, 1e-3, 8e-4, PictureSide: 32, Strength: 0.05f, FinalStrength: 0.9f),
        new("english-48", 700, 8e-4, 4e-4, PictureSide: 48, Neighbours: 4, Strength: 0.8f),
        new("english-64", 300, 4e-4, 0, PictureSide: 64, Neighbours: 4),
    ];

    private static readonly Phase Teaching = new("teacher", 1500, 1e-3, 3e-4, MeasureEvery: 300);

    private static readonly Phase Contrasting = new("contrastive", 2500, 1e-3, 0, MeasureEvery: 300);

    /// <summary>For comparison: what the first steps give without English first and without a teacher.</summary>
    private static readonly Phase AllAtOnce = new("all-at-once", 400, 1e-3, 1e-3, PictureSide: 32, Strength: 0.05f, FinalStrength: 0.3f, MeasureEvery: 100);

    private readonly string _work;
    private readonly EmojiSet _emoji;
    private readonly Drawing[] _drawings;
    private readonly XLMRobertaTokenizer _tokenizer;
    private readonly AltCLIPModel _model;
    private readonly Training _training;
    private readonly RunLog _log;
    private readonly Scores _scores;
    private readonly (string Name, Drawing[] Drawings)[] _tests;

    /// <param name="emoji">The emoji.</param>
    /// <param name="work">The folder for checkpoints and the log.</param>
    /// <param name="heldOut">An artist to be tested on only, or null.</param>
    public Recipe(EmojiSet emoji, string work, string? heldOut)
    {
        (_work, _emoji) = (work, emoji);
        Vocabulary.Train(emoji, work);
        TorchRuntime.EnsureLoaded();
        set_num_threads(1);
        using (manual_seed(1)) { }
        _tokenizer = XLMRobertaTokenizer.FromPretrained(work);
        _model = new AltCLIPModel(Architecture.Config(), WeightInitialization.FanIn);
        _log = new RunLog(Path.Combine(work, "log.csv"));
        _training = new Training(_model, work, _log);
        _scores = new Scores(emoji, _tokenizer);
        _drawings = [.. emoji.Drawings.Where(drawing => drawing.Artist != heldOut)];
        var random = new Random(5);
        _tests = [.. emoji.Drawings.GroupBy(drawing => drawing.Artist == heldOut)
            .Select(group => (group.Key ? "held-out" : "trained", random.GetDistinct(group.ToArray(), 512))).OrderBy(test => test.Item1)];
    }

    /// <summary>Trains the model.</summary>
    public AltCLIPModel Run(CancellationToken cancellationToken)
    {
        TrainEnglish(cancellationToken);
        // The image encoder is done: what depends on nothing else is computed once.
        using var scope = NewDisposeScope();
        var captions = new Captions(_emoji, english: 0.12, weighted: true);
        var teacher = Parts.Embed(_emoji.English.Length, i => _emoji.English[i].Name, names => Texts.Features(_model, _tokenizer, names));
        var pictures = PictureFeatures.Get(Path.Combine(_work, "pictures.safetensors"), _model, _emoji, _drawings);
        var tests = _tests.Select(test => Scores.Pictures(_model, test.Drawings)).ToArray();

        var teaching = new TeacherStage(_emoji, captions, _tokenizer, teacher);
        MeasureLanguages(Teaching, 0, tests);
        _training.Run(Teaching, [.. ImageTower, "logit_scale"], teaching.Backward, step => MeasureLanguages(Teaching, step, tests), cancellationToken);

        var contrasting = new ContrastiveStage(captions, _tokenizer, pictures, _drawings);
        _training.Run(Contrasting, ImageTower, contrasting.Backward, step => MeasureLanguages(Contrasting, step, tests), cancellationToken);
        return _model;
    }

    /// <summary>Trains all languages at once from nothing, for comparison.</summary>
    public void RunAllAtOnce(CancellationToken cancellationToken)
    {
        var captions = new Captions(_emoji, english: 1.0 / _emoji.Captions.Count, weighted: false);
        var stage = new EnglishStage(_emoji, _drawings, _tokenizer, (place, _, random) => captions.Draw(place, random));
        _training.Run(AllAtOnce, [], (replicas, step) => stage.Backward(replicas, AllAtOnce, step), step => MeasureAll(AllAtOnce, step), cancellationToken);
    }

    /// <summary>Writes the model as <see cref="AltCLIPModel.FromPretrained"/> reads it, in float16.</summary>
    public void Save(string folder)
    {
        _model.to(ScalarType.Float16);
        _model.SavePretrained(folder);
        using var processor = new AltCLIPProcessor(_tokenizer, new CLIPImageProcessor(Pictures.Processor));
        processor.SavePretrained(folder);
    }

    public void Dispose() => _model.Dispose();

    private void TrainEnglish(CancellationToken cancellationToken)
    {
        var stage = new EnglishStage(_emoji, _drawings, _tokenizer, (place, variety, random) => EnglishCaptions.Draw(_emoji.English[place], variety, random));
        foreach (var phase in English)
            _training.Run(phase, [], (replicas, step) => stage.Backward(replicas, phase, step), step => MeasureAll(phase, step), cancellationToken);
    }

    private void MeasureAll(Phase phase, long step)
    {
        using var scope = NewDisposeScope();
        MeasureLanguages(phase, step, [.. _tests.Select(test => Scores.Pictures(_model, test.Drawings))]);
    }

    private void MeasureLanguages(Phase phase, long step, Tensor[] tests)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        for (var i = 0; i < tests.Length; i++)
        {
            var english = _scores.Compare(_model, tests[i], _tests[i].Drawings, "en");
            _log.Write(phase.Name, step, $"{_tests[i].Name} en top-1", english.Top1);
            _log.Write(phase.Name, step, $"{_tests[i].Name} en top-5", english.Top5);
        }
        foreach (var language in Judged) _log.Write(phase.Name, step, $"trained {language} top-1", _scores.Compare(_model, tests[^1], _tests[^1].Drawings, language).Top1);
    }
}
