using System.CommandLine;
using System.Globalization;

namespace AltClip.Cli.Commands;

/// <summary><c>--none [COSINE]</c>: whether a picture may show none of its labels, and from which cosine on it shows one.</summary>
internal sealed class NoneOption : Option<float?>
{
    public NoneOption() : base("--none")
    {
        Description = "Answer \"none of these\" where no label's cosine reaches the threshold stored beside the model (altclip calibrate), or the one given here.";
        HelpName = "COSINE";
        Arity = ArgumentArity.ZeroOrOne;
        CustomParser = result =>
        {
            if (result.Tokens is not [var token]) return null;
            if (float.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var cosine) && cosine is >= -1 and <= 1) return cosine;
            result.AddError($"--none: '{token.Value}' is no cosine, -1 to 1. Without one, give --none after pictures and labels.");
            return null;
        };
    }

    /// <summary>The threshold to ask for; null without <c>--none</c>.</summary>
    /// <exception cref="UsageException">None is given, and the model has none.</exception>
    public float? Read(ParseResult parsed, AltCLIPPipeline pipeline)
    {
        if (parsed.GetResult(this) is null) return null;
        return parsed.GetValue(this) ?? pipeline.RejectionThreshold?.Similarity ?? throw new UsageException(
            "The model has no calibrated threshold (thresholds.json), or adapters make another model of it; give a cosine, as --none=0.25, or calibrate it with altclip calibrate.");
    }

    /// <summary>How often the stored threshold is wrong; null where it isn't used.</summary>
    public string? Rates(ParseResult parsed, AltCLIPPipeline pipeline)
    {
        if (parsed.GetResult(this) is null || parsed.GetValue(this) is not null || pipeline.RejectionThreshold is not { } threshold) return null;
        return string.Create(CultureInfo.InvariantCulture, $"--none: from cosine {threshold.Similarity:F4} on. Of {threshold.Pictures} pictures ({threshold.CalibratedOn}), "
            + $"{100 * threshold.FalseAcceptRate:F1} % of those with {threshold.LabelsPerPicture} wrong labels got one, and {100 * threshold.FalseRejectRate:F1} % of those whose label was among {threshold.LabelsPerPicture} got none.");
    }
}
