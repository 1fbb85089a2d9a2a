using System.Text.Json;
using System.Text.Json.Nodes;
using AltClip.Shared;

namespace AltClip.Imaging;

/// <summary>Reads and writes <c>preprocessor_config.json</c>.</summary>
internal static class ImageProcessorJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static CLIPImageProcessorConfig Read(string json)
    {
        if (FileKind.Of(json) is { } kind)
            throw new JsonException($"the file is {kind}");
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new JsonException($"found {document.RootElement.ValueKind} instead of an object");
        var config = new CLIPImageProcessorConfig();
        var others = new Dictionary<string, JsonElement>();
        foreach (var property in document.RootElement.EnumerateObject())
        {
            var value = property.Value;
            config = property.Name switch
            {
                // transformers reads null as "not given".
                _ when value.ValueKind == JsonValueKind.Null => Keep(property),
                "do_resize" => config with { DoResize = Boolean(property) },
                "size" => config with { Size = Size(property, ImageSize.Shortest) },
                "resample" => config with { Resample = (Resampling)WholeNumber(property.Name, value) },
                "do_center_crop" => config with { DoCenterCrop = Boolean(property) },
                "crop_size" => config with { CropSize = Size(property, edge => ImageSize.Exactly(edge, edge)) },
                "do_rescale" => config with { DoRescale = Boolean(property) },
                "rescale_factor" => config with { RescaleFactor = Number(property.Name, value) },
                "do_normalize" => config with { DoNormalize = Boolean(property) },
                "image_mean" => config with { ImageMean = Numbers(property) },
                "image_std" => config with { ImageStd = Numbers(property) },
                "do_convert_rgb" => config with { DoConvertRgb = Boolean(property) },
                _ => Keep(property),
            };
        }
        return config with { AdditionalProperties = others };

        CLIPImageProcessorConfig Keep(JsonProperty property)
        {
            others[property.Name] = property.Value.Clone();
            return config;
        }
    }

    public static string Write(CLIPImageProcessorConfig config)
    {
        var json = new JsonObject();
        foreach (var (key, value) in config.AdditionalProperties)
            json[key] = JsonNode.Parse(value.GetRawText());
        json["image_processor_type"] = nameof(CLIPImageProcessor);
        json["do_resize"] = config.DoResize;
        json["size"] = Size(config.Size);
        json["resample"] = (int)config.Resample;
        json["do_center_crop"] = config.DoCenterCrop;
        json["crop_size"] = Size(config.CropSize);
        json["do_rescale"] = config.DoRescale;
        json["rescale_factor"] = JsonFloat.Node(config.RescaleFactor);
        json["do_normalize"] = config.DoNormalize;
        json["image_mean"] = new JsonArray([.. config.ImageMean.Select(JsonFloat.Node)]);
        json["image_std"] = new JsonArray([.. config.ImageStd.Select(JsonFloat.Node)]);
        json["do_convert_rgb"] = config.DoConvertRgb;
        return json.ToJsonString(Indented);
    }

    private static JsonObject Size(ImageSize size) => size.ShortestEdge is { } edge
        ? new() { ["shortest_edge"] = edge }
        : new() { ["height"] = size.Height, ["width"] = size.Width };

    // Older files have a number alone; what it means depends on the key.
    private static ImageSize Size(JsonProperty property, Func<int, ImageSize> fromNumber)
    {
        if (property.Value.ValueKind == JsonValueKind.Number)
            return fromNumber(Edge(property.Name, property.Value));
        if (property.Value.ValueKind != JsonValueKind.Object)
            throw Unexpected(property.Name, property.Value, "a number or an object");
        var edges = property.Value.EnumerateObject()
            .Where(edge => edge.Value.ValueKind != JsonValueKind.Null)
            .ToDictionary(edge => edge.Name, edge => Edge($"{property.Name}.{edge.Name}", edge.Value));
        if (edges.Count == 2 && edges.TryGetValue("height", out var height) && edges.TryGetValue("width", out var width))
            return ImageSize.Exactly(height, width);
        if (edges.Count == 1 && edges.TryGetValue("shortest_edge", out var shortest))
            return ImageSize.Shortest(shortest);
        throw Unexpected(property.Name, property.Value, "the key shortest_edge or the keys height and width");
    }

    private static bool Boolean(JsonProperty property) => property.Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Unexpected(property.Name, property.Value, "true or false"),
    };

    private static int Edge(string key, JsonElement value) =>
        WholeNumber(key, value) is > 0 and var edge ? edge : throw Unexpected(key, value, "a positive whole number");

    private static int WholeNumber(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : throw Unexpected(key, value, "a whole number");

    private static double Number(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw Unexpected(key, value, "a number");

    private static double[] Numbers(JsonProperty property) => property.Value.ValueKind == JsonValueKind.Array
        ? [.. property.Value.EnumerateArray().Select(value => Number(property.Name, value))]
        : throw Unexpected(property.Name, property.Value, "three numbers");

    private static JsonException Unexpected(string key, JsonElement found, string expected) =>
        new($"{key} is {Listing.Cut(found.GetRawText())}; expected {expected}.");
}
