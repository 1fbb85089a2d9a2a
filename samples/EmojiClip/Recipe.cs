using AltClip;
using AltClip.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>The whole recipe. Started again, it goes on from its last checkpoint.</summary>
internal sealed class Recipe : IDisposable
{
    /// <summary>The languages whose mean score the recipe is judged by, besides English.</summary>
    public static readonly string[] Judged = ["zh", "ar", "fr", "hi", "ja", "sw"];

    /// <summary>How many pictures of trained artists, and of those held out, the log's scores are taken of.</summary>
    internal const int MeasuredPictures = 400;

    private const string Points = nameof(EmojiModel.prototypes);

    private const string LogName = "training-log.csv";

    private static readonly string[] ImageTower = ["clip.vision_model.*", "clip.visual_projection.*"];

    private static readonly string[] TextTower = ["clip.text_model.*", "clip.text_projection.*"];

    private static readonly Phase[] Prototypes =
    [
        new("prototypes-32", 800, 2e-3, 2e-3, PictureSide: 32, Strength: 0.1f, FinalStrength: 0.5f),
        new("prototypes-48", 2000, 2e-3, 1.5e-3, PictureSide: 48, Strength: 0.5f, FinalStrength: 0.8f),
        new("prototypes-64", 1200, 1.5e-3, 3e-4, Strength: 0.8f, FinalStrength: 0.9f),
    ];

    private static readonly Phase EnglishTexts = new("english-texts", 400, 2e-3, 2e-3, MeasureEvery: 400, MeasuresLanguages: false);

    private static readonly Phase English = new("english", 150, 6e-4, 3e-4, Neighbours: 4, Strength: 0.9f, MeasureEvery: 150, MeasuresLanguages: false);

    private static readonly Phase Teaching = new("teacher", 500, 2e-3, 2e-3, MeasureEvery: 500);

    private static readonly Phase Contrasting = new("contrastive", 2000, 2e-3, 1e-4, MeasureEvery: 400);

    /// <summary>The image encoder once more, towards the names' embeddings.</summary>
    private static readonly Phase Polishing = new("polish", 200, 5e-4, 0, MeasureEvery: 200);

    /// <summary>Names and keywords of all languages alone, the image encoder locked.</summary>
    private static readonly Phase Words = new("words", 400, 4e-4, 0, MeasureEvery: 100);

    /// <summary>The image encoder alone, for emoji that are turned, small, or on dark backgrounds.</summary>
    private static readonly Phase Views = new("views", 1800, 5e-4, 0, Strength: 0.6f, MeasureEvery: 300, IsWide: true);

    private static readonly Phase[] Styles =
    [
        new("styles", 2400, 5e-4, 0, Strength: 0.7f, MeasureEvery: 300, IsWide: true, MixesArtists: true),
        new("styles-again", 1400, 4e-4, 0, MeasureEvery: 350, IsWide: true, MixesArtists: true),
    ];

    /// <summary>Names the mean's scores in the log, where the percentage stands in the step's place.</summary>
    private static readonly Phase Mixing = new("words-share", 100, 0, 0);

    /// <summary>
    /// How much of the weights that have learned words goes into the mean with those from before, which know names better: WiSE-FT (Wortsman et al.,
    /// arXiv 2109.01903). The log has the scores of all of <see cref="WordShares"/>.
    /// </summary>
    private const double WordShare = 0.5;

    private static readonly double[] WordShares = [1, 0.8, 0.6, 0.5, 0.4];

    /// <summary>For comparison: what the first steps give without English first and without a teacher.</summary>
    private static readonly Phase AllAtOnce = new("all-at-once", 400, 1e-3, 1e-3, PictureSide: 32, Strength: 0.05f, FinalStrength: 0.3f, MeasureEvery: 100);

    private readonly string _work;
    private readonly string _target;
    private readonly EmojiSet _emoji;
    private readonly Drawing[] _drawings;
    private readonly XLMRobertaTokenizer _tokenizer;
    private readonly EmojiModel _trained;
    private readonly AltCLIPModel _model;
    private readonly Training _training;
    private readonly RunLog _log;
    private readonly Scores _scores;
    private readonly EverydayWords _words;
    private readonly (string Name, Drawing[] Drawings)[] _tests;

    /// <param name="emoji">The emoji.</param>
    /// <param name="work">The folder for checkpoints and the log.</param>
    /// <param name="target">The folder that the model goes to; a vocabulary that is there is used.</param>
    /// <param name="heldOut">Artists to be tested on only.</param>
    /// <param name="from">A folder whose vocabulary is used in place of the target's, or null.</param>
    public Recipe(EmojiSet emoji, string work, string target, string[] heldOut, string? from = null)
    {
        (_work, _target, _emoji) = (work, target, emoji);
        Vocabulary.Prepare(emoji, work, from ?? target);
        TorchRuntime.EnsureLoaded();
        set_num_threads(1);
        using (manual_seed(1)) { }
        _tokenizer = XLMRobertaTokenizer.FromPretrained(work);
        _trained = new EmojiModel(emoji.Codes.Length);
        _model = _trained.clip;
        _log = new RunLog(Path.Combine(work, LogName));
        _training = new Training(_trained, work, _log);
        _scores = new Scores(emoji, _tokenizer);
        _words = new EverydayWords(emoji);
        _drawings = [.. emoji.Drawings.Where(drawing => !heldOut.Contains(drawing.Artist))];
        var random = new Random(5);
        _tests = [.. emoji.Drawings.GroupBy(drawing => heldOut.Contains(drawing.Artist))
            .Select(group => (group.Key ? "held-out" : "trained", random.GetDistinct(group.ToArray(), MeasuredPictures))).OrderBy(test => test.Item1)];
    }

    /// <summary>Trains the model.</summary>
    public void Run(CancellationToken cancellationToken)
    {
        TrainEnglish(cancellationToken);
        // The image encoder is done: what depends on nothing else is computed once.
        using var scope = NewDisposeScope();
        var captions = new Captions(_emoji, english: 0.12, weighted: true);
        var teacher = Parts.Embed(_emoji.English.Length, i => _emoji.English[i].Name, names => Texts.Features(_model, _tokenizer, names));
        var pictures = PictureFeatures.Get(Path.Combine(_work, "pictures.safetensors"), _model, _emoji, _drawings);
        var tests = _tests.Select(test => Scores.Pictures(_model, test.Drawings)).ToArray();

        var teaching = new TeacherStage(_emoji, captions, _tokenizer, teacher);
        _training.Run(Teaching, [.. ImageTower, "clip.logit_scale", Points], teaching.Backward, step => MeasureLanguages(Teaching, step, tests), cancellationToken);

        var contrasting = new ContrastiveStage(captions, _tokenizer, new EmbeddedPictures(pictures, _drawings));
        _training.Run(Contrasting, [.. ImageTower, Points], contrasting.Backward, step => MeasureLanguages(Contrasting, step, tests), cancellationToken);
        Save();

        var polishing = new PrototypeStage(NamesInLanguages(), _emoji, _drawings);
        TrainImages(Polishing, polishing, cancellationToken);
        TrainWords(cancellationToken);
        TrainViews(cancellationToken);
        TrainStyles(cancellationToken);
    }

    /// <summary>Takes the weights and the log of a model that has gone through the stages before the one that is trained next.</summary>
    /// <param name="from">The model's folder.</param>
    public void Begin(string from)
    {
        var log = Path.Combine(_work, LogName);
        if (!File.Exists(log) && File.Exists(Path.Combine(from, LogName))) File.Copy(Path.Combine(from, LogName), log);
        using var noGrad = no_grad();
        using var finished = AltCLIPModel.FromPretrained(from, ScalarType.Float32);
        foreach (var (trained, source) in _model.parameters().Zip(finished.parameters())) trained.copy_(source);
    }

    /// <summary>Trains all languages at once from nothing, for comparison.</summary>
    public void RunAllAtOnce(CancellationToken cancellationToken)
    {
        var captions = new Captions(_emoji, english: 1.0 / _emoji.Captions.Count, weighted: false);
        var stage = new EnglishStage(_emoji, _drawings, _tokenizer, (place, _, random) => captions.Draw(place, random), prototypes: null);
        _training.Run(AllAtOnce, [Points], (replicas, step) => stage.Backward(replicas, AllAtOnce, step), step => MeasureAll(AllAtOnce, step), cancellationToken);
    }

    /// <summary>Writes the model as it is now, as <see cref="AltCLIPModel.FromPretrained"/> reads it, in float16.</summary>
    private void Save()
    {
        using var finished = Export.ForPictures(_model, Architecture.PictureSide);
        finished.to(ScalarType.Float16);
        finished.SavePretrained(_target);
        using var processor = new AltCLIPProcessor(_tokenizer, new CLIPImageProcessor(Pictures.Processor));
        processor.SavePretrained(_target);
        File.Copy(Path.Combine(_work, LogName), Path.Combine(_target, LogName), overwrite: true);
    }

    public void Dispose() => _trained.Dispose();

    /// <summary>The mean of the embeddings of each emoji's names in English and the judged languages.</summary>
    private Tensor NamesInLanguages() => Judged.Append("en").Select(language => Parts.Embed(
        _emoji.Codes.Length, i => (_emoji.Captions[language][i] ?? _emoji.English[i]).Name, names => Texts.Embed(_model, _tokenizer, names)))
        .Aggregate((a, b) => a + b);

    /// <summary>Trains the stage of words.</summary>
    /// <param name="cancellationToken">Stops between steps.</param>
    public void TrainWords(CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var pictures = PictureFeatures.Get(Path.Combine(_work, "pictures-words.safetensors"), _model, _emoji, _drawings);
        var tests = _tests.Select(test => Scores.Pictures(_model, test.Drawings)).ToArray();
        if (!_training.HasBegun(Words)) MeasureLanguages(Words, 0, tests);
        var words = new WordStage(new Keywords(_emoji, english: 0.15), _tokenizer, new EmbeddedPictures(pictures, _drawings));
        var before = Copy();
        _training.Run(Words, [.. ImageTower, Points], words.Backward, step => MeasureLanguages(Words, step, tests), cancellationToken);
        var after = Copy();
        foreach (var share in WordShares)
        {
            Mix(before, after, share);
            MeasureLanguages(Mixing, (long)Math.Round(100 * share), tests);
        }
        Mix(before, after, WordShare);
        Save();
    }

    /// <summary>Trains the stage of views.</summary>
    /// <param name="cancellationToken">Stops between steps.</param>
    public void TrainViews(CancellationToken cancellationToken) => TrainAgain(Views, cancellationToken);

    /// <summary>Trains the last stage, that of styles.</summary>
    /// <param name="cancellationToken">Stops between steps.</param>
    public void TrainStyles(CancellationToken cancellationToken)
    {
        foreach (var phase in Styles) TrainAgain(phase, cancellationToken);
    }

    /// <summary>
    /// The image encoder once more, towards the names and to where it puts the pictures as they are, with everything that pictures may be. The
    /// text encoder stays, and so all that it has learned.
    /// </summary>
    private void TrainAgain(Phase phase, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var anchors = Parts.Embed(_drawings.Length, i => Perturbation.Plain(_drawings[i], Architecture.PictureSide), canvases => Pictures.Embed(_model, canvases));
        var stage = new PrototypeStage(NamesInLanguages(), _emoji, _drawings, anchors);
        if (!_training.HasBegun(phase)) MeasureAll(phase, 0);
        TrainImages(phase, stage, cancellationToken);
    }

    /// <summary>Trains the image encoder alone, towards points that stay.</summary>
    private void TrainImages(Phase phase, PrototypeStage stage, CancellationToken cancellationToken)
    {
        _training.Run(
            phase, [.. TextTower, "clip.logit_scale", Points], (replicas, step) => stage.Backward(replicas, phase, step), step => MeasureAll(phase, step),
            cancellationToken);
        Save();
    }

    private Tensor[] Copy() => [.. _model.parameters().Select(parameter => parameter.detach().clone())];

    private void Mix(Tensor[] before, Tensor[] after, double share)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var (parameter, i) in _model.parameters().Select((parameter, i) => (parameter, i)))
            parameter.copy_(before[i].lerp(after[i], share));
    }

    private void TrainEnglish(CancellationToken cancellationToken)
    {
        var prototypes = new PrototypeStage(_trained.prototypes, _emoji, _drawings);
        foreach (var phase in Prototypes)
        {
            _training.Run(
                phase, [.. TextTower, "clip.logit_scale"], (replicas, step) => prototypes.Backward(replicas, phase, step),
                step => MeasurePrototypes(phase, step), cancellationToken);
        }
        var texts = new EnglishTextStage(_trained, _emoji, _tokenizer);
        _training.Run(
            EnglishTexts, [.. ImageTower, "clip.logit_scale", Points], texts.Backward, step => MeasureAll(EnglishTexts, step), cancellationToken);
        var english = new EnglishStage(
            _emoji, _drawings, _tokenizer, (place, variety, random) => EnglishCaptions.Draw(_emoji.English[place], variety, random), _trained.prototypes);
        _training.Run(English, [], (replicas, step) => english.Backward(replicas, English, step), step => MeasureAll(English, step), cancellationToken);
    }

    private void MeasurePrototypes(Phase phase, long step)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var (name, drawings) in _tests)
        {
            var score = Scores.Nearest(Scores.Pictures(_model, drawings, phase.PictureSide), Texts.Unit(_trained.prototypes), drawings);
            _log.Write(phase.Name, step, $"{name} top-1", score.Top1);
            _log.Write(phase.Name, step, $"{name} top-5", score.Top5);
        }
    }

    private void MeasureAll(Phase phase, long step)
    {
        using var scope = NewDisposeScope();
        MeasureLanguages(phase, step, [.. _tests.Select(test => Scores.Pictures(_model, test.Drawings, phase.PictureSide))]);
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
            _log.Write(phase.Name, step, $"{_tests[i].Name} words of pictures top-5", _words.OfPictures(_model, _tokenizer, tests[i], _tests[i].Drawings).Top5);
            _log.Write(phase.Name, step, $"{_tests[i].Name} pictures of words top-5", _words.OfWords(_model, _tokenizer, tests[i], _tests[i].Drawings).Top5);
        }
        foreach (var language in phase.MeasuresLanguages ? Judged : [])
            _log.Write(phase.Name, step, $"trained {language} top-1", _scores.Compare(_model, tests[^1], _tests[^1].Drawings, language).Top1);
    }
}
