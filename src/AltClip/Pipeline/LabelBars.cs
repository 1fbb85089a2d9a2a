using AltClip.Shared.Notebooks;

namespace AltClip.Pipeline;

/// <summary>Shows labels with a bar for the probability of each.</summary>
internal sealed class LabelBars : HtmlView<LabelProbabilities>
{
    /// <summary>Writes names with bars.</summary>
    /// <param name="bars">Names with their parts of a whole, 0 to 1.</param>
    /// <param name="html">Where they go.</param>
    public static void Write(IEnumerable<(string Name, double Part)> bars, HtmlWriter html)
    {
        html.Write($"<div style=\"max-width:30em\">");
        foreach (var (name, part) in bars)
        {
            html.Write($"<div style=\"display:flex;justify-content:space-between;gap:1em;padding:2px 6px;margin:2px 0;");
            html.Write($"background:linear-gradient(to right,rgba({HtmlWriter.Fill},.35) {100 * part:0.#}%,transparent {100 * part:0.#}%)\">");
            html.Write($"<span>{name}</span><span>{part:P1}</span></div>");
        }
        html.Write($"</div>");
    }

    /// <inheritdoc/>
    protected override void Write(LabelProbabilities value, HtmlWriter html) =>
        Write(value.Select(label => (label.Label, (double)label.Probability)), html);
}
