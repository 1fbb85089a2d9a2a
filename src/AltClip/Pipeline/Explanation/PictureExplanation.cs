using AltClip.Imaging;

namespace AltClip.Pipeline.Explanation;

/// <summary>Which patches of a picture make it like a text; see <see cref="PatchRelevance"/>.</summary>
public sealed class PictureExplanation
{
    private readonly ImageSource _image;
    private readonly CLIPImageProcessorConfig _config;

    internal PictureExplanation(ImageSource image, CLIPImageProcessorConfig config, string text, float similarity, float[,] relevance) =>
        (_image, _config, Text, Similarity, Relevance) = (image, config, text, similarity, relevance);

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>The cosine of the picture's and the text's embedding, -1 to 1.</summary>
    public float Similarity { get; }

    /// <summary>
    /// How much each patch counts, 0 or more: [rows, columns] of the square that the model sees, usually the picture's middle.
    /// </summary>
    public float[,] Relevance { get; }

    /// <summary>
    /// Writes the picture as a PNG, with a glow from red to yellow where patches count; what the model doesn't see is darkened. It has the
    /// picture's size, or a multiple of it where an edge has less than 384 pixels.
    /// </summary>
    /// <param name="path">The file, written beside under another name and then moved.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    public void SavePng(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var picture = RgbImage.Decode(_image);
        HeatMap.SavePng(path, picture, Relevance, ImageGeometry.Of(_config, picture.Height, picture.Width, _image.Name));
    }
}
