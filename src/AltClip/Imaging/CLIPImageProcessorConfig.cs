using System.Text.Json;
using AltClip.Imaging;

namespace AltClip;

/// <summary>
/// What <see cref="CLIPImageProcessor"/> does to a picture, with the names and defaults of transformers' <c>CLIPImageProcessor</c>:
/// convert to RGB, resize, crop, rescale, normalise, in this order.
/// </summary>
/// <remarks>
/// As JSON it is <c>preprocessor_config.json</c>. Older files are understood (<c>"size": 224</c>, <c>"crop_size": 224</c>), and keys that
/// mean nothing here are kept.
/// </remarks>
public sealed record CLIPImageProcessorConfig
{
    private const int Channels = 3;

    // The most that any format of pictures has; resizing takes memory for an edge even where little of it is kept.
    private const int MostOfEdge = 65_535;

    /// <summary>Whether pictures are resized to <see cref="Size"/>.</summary>
    public bool DoResize { get; init; } = true;

    /// <summary>The size after resizing; by default the shorter edge is 224 pixels.</summary>
    public ImageSize Size { get; init; } = ImageSize.Shortest(224);

    /// <summary>The filter for resizing.</summary>
    public Resampling Resample { get; init; } = Resampling.Bicubic;

    /// <summary>Whether the middle of <see cref="CropSize"/> is cut out. Where a picture is smaller, black is laid round it.</summary>
    public bool DoCenterCrop { get; init; } = true;

    /// <summary>The height and width of the crop; by default 224 x 224 pixels.</summary>
    public ImageSize CropSize { get; init; } = ImageSize.Exactly(224, 224);

    /// <summary>Whether pixels are multiplied by <see cref="RescaleFactor"/>.</summary>
    public bool DoRescale { get; init; } = true;

    /// <summary>The factor for rescaling; by default 1/255.</summary>
    public double RescaleFactor { get; init; } = 1 / 255.0;

    /// <summary>Whether <see cref="ImageMean"/> is subtracted and the difference divided by <see cref="ImageStd"/>.</summary>
    public bool DoNormalize { get; init; } = true;

    /// <summary>The mean of each channel (red, green, blue); by default that of CLIP's training pictures.</summary>
    public IReadOnlyList<double> ImageMean { get; init; } = [0.48145466, 0.4578275, 0.40821073];

    /// <summary>The standard deviation of each channel (red, green, blue); by default that of CLIP's training pictures.</summary>
    public IReadOnlyList<double> ImageStd { get; init; } = [0.26862954, 0.26130258, 0.27577711];

    /// <summary>
    /// Whether pictures that are not stored as RGB (grey, with a palette, with alpha, CMYK) are converted. If not, they are refused:
    /// the model has no use for another number of channels.
    /// </summary>
    public bool DoConvertRgb { get; init; } = true;

    /// <summary>The other keys of the JSON that the configuration was read from.</summary>
    public IReadOnlyDictionary<string, JsonElement> AdditionalProperties { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Reads a configuration.</summary>
    /// <param name="json">The content of a <c>preprocessor_config.json</c>.</param>
    /// <param name="name">What errors call the JSON.</param>
    /// <exception cref="ConfigurationException">It is not JSON, or a value is not what it has to be.</exception>
    public static CLIPImageProcessorConfig FromJson(string json, string name = "preprocessor_config.json")
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            var config = ImageProcessorJson.Read(json);
            config.Validate();
            Check(Longest(config.Size) <= MostOfEdge, "size", config.Size, $"edges of at most {MostOfEdge} pixels");
            Check(Longest(config.CropSize) <= MostOfEdge, "crop_size", config.CropSize, $"edges of at most {MostOfEdge} pixels");
            return config;
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException or FormatException)
        {
            throw new ConfigurationException($"{name}: {error.Message}", error);
        }
    }

    /// <summary>The configuration as a <c>preprocessor_config.json</c> that transformers reads.</summary>
    public string ToJson() => ImageProcessorJson.Write(this);

    /// <summary>Refuses values that no picture could be processed with.</summary>
    /// <exception cref="ArgumentException">A value is wrong; the message names it.</exception>
    internal void Validate()
    {
        Check(Size is not null, "size", "null", "a size");
        Check(CropSize is { ShortestEdge: null }, "crop_size", CropSize, "a height and a width");
        Check(Enum.IsDefined(Resample), "resample", (int)Resample, "a number from 0 to 5");
        Check(double.IsFinite(RescaleFactor), "rescale_factor", RescaleFactor, "a finite number");
        CheckChannels("image_mean", ImageMean);
        CheckChannels("image_std", ImageStd);
        Check(!ImageStd.Contains(0), "image_std", 0, "numbers other than 0");
        foreach (var option in new[] { "do_pad", "use_square_size" })
        {
            var isOn = AdditionalProperties.TryGetValue(option, out var value) && value.ValueKind == JsonValueKind.True;
            Check(!isOn, option, "true", "false: CLIP's pictures are not processed so");
        }
    }

    private static int Longest(ImageSize size) => Math.Max(size.ShortestEdge ?? 0, Math.Max(size.Height ?? 0, size.Width ?? 0));

    private static void CheckChannels(string key, IReadOnlyList<double>? values) =>
        Check(
            values?.Count == Channels && values.All(double.IsFinite), key, values is null ? "null" : $"[{string.Join(", ", values)}]",
            "three finite numbers");

    private static void Check(bool holds, string key, object? found, string expected)
    {
        if (!holds)
            throw new ArgumentException($"{key} is {found ?? "null"}; expected {expected}.");
    }
}
