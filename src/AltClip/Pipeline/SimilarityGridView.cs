using AltClip.Imaging;
using AltClip.Shared.Notebooks;

namespace AltClip.Pipeline;

/// <summary>Shows similarities as a table, the darker the more alike, the best picture of each text in bold.</summary>
internal sealed class SimilarityGridView : HtmlView<SimilarityGrid>
{
    private const int LargestEdge = 72;
    private const double MostOpaque = 0.35;

    /// <inheritdoc/>
    protected override void Write(SimilarityGrid value, HtmlWriter html)
    {
        var (lowest, highest) = (value.Similarities.Cast<float>().Min(), value.Similarities.Cast<float>().Max());
        html.Write($"<table style=\"border-collapse:collapse\"><thead><tr><th></th>");
        foreach (var image in value.Images)
        {
            html.Write($"<th scope=\"col\" style=\"padding:4px;text-align:center\">");
            PictureView.Write(image, html, LargestEdge);
            html.Write($"</th>");
        }
        html.Write($"</tr></thead><tbody>");
        for (var i = 0; i < value.Texts.Count; i++)
        {
            html.Write($"<tr><th scope=\"row\" style=\"padding:4px;text-align:left\">{value.Texts[i]}</th>");
            var row = Enumerable.Range(0, value.Images.Count).Select(j => value.Similarities[i, j]).ToList();
            foreach (var similarity in row)
            {
                var opacity = highest > lowest ? MostOpaque * (similarity - lowest) / (highest - lowest) : 0;
                html.Write($"<td style=\"padding:4px 8px;text-align:center;background:rgba({HtmlWriter.Fill},{opacity:0.##})");
                html.Write($";font-weight:{(similarity == row.Max() ? "bold" : "normal")}\">{similarity:0.00}</td>");
            }
            html.Write($"</tr>");
        }
        html.Write($"</tbody></table>");
    }
}
