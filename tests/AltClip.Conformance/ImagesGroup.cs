using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Imaging;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>The pictures, options, sizes and values of <c>reference/images</c>: everything has to be equal to the bit.</summary>
internal static class ImagesGroup
{
    private static readonly string[] KnownKeys = ["pillow", "processor", "images", "options", "resize", "resample_names"];
    private static readonly string[] KnownImageKeys =
        ["file", "folder", "mode", "size", "rgb_sha256", "upright_size", "upright_rgb_sha256", "crop224", "crop224_sha256", "upright_crop224_sha256"];
    private static readonly string[] KnownOptionKeys = ["name", "file", "config", "output", "dtype", "shape"];
    private static readonly string[] KnownResizeKeys = ["case", "in", "out"];

    /// <summary>Runs every case of a folder laid out like <c>reference/images</c>.</summary>
    internal static GroupReport Run(string folder)
    {
        var report = new GroupReport("images");
        var cases = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")))!.AsObject();
        using var file = SafeTensors.Open(Path.Combine(folder, "tensors.safetensors"));
        var tensors = new ReferenceTensors(file);
        var settings = cases["processor"]!.AsObject();
        var processor = new CLIPImageProcessor(ReadConfig(settings, []));
        RefuseUnknown(report, "cases.json", cases, KnownKeys);

        foreach (var image in Objects(cases["images"]))
            RunCase(report, $"image {image["file"]}", image, KnownImageKeys, () => CheckImage(folder, image, processor));
        foreach (var option in Objects(cases["options"]))
            RunCase(report, $"option {option["name"]}", option, KnownOptionKeys, () => CheckOption(folder, option, settings, tensors));
        var names = cases["resample_names"]!.AsArray().Select(name => name!.GetValue<string>()).ToList();
        foreach (var resize in Objects(cases["resize"]))
        {
            for (var i = 0; i < names.Count; i++)
            {
                var number = i;
                RunCase(
                    report, $"resize {resize["case"]} {names[i]}", resize, KnownResizeKeys,
                    () => CheckResize(resize, number, names[number], tensors));
            }
        }
        RunCase(report, "normalise_lut", [], [], () => CheckTable(processor, tensors));
        foreach (var name in tensors.Unused())
            RunCase(report, $"tensor {name}", [], [], () => CheckPixelValues(folder, name, cases, processor, tensors));
        return report;
    }

    private static (string? Problem, double Difference) CheckImage(string folder, JsonObject image, CLIPImageProcessor processor)
    {
        var file = ImageSource.FromFile(Path.Combine(folder, Text(image, "folder"), Text(image, "file")));
        var bytes = processor.Config with { DoRescale = false, DoNormalize = false };
        var whole = bytes with { DoResize = false, DoCenterCrop = false };
        var upright = new ImageProcessingOptions { Config = whole };
        var stored = upright with { ApplyExifOrientation = false };
        var problem = CheckBytes("as stored", processor, file, stored, Numbers(image["size"]), Text(image, "rgb_sha256"))
            ?? CheckBytes("upright", processor, file, upright, Numbers(image["upright_size"]), Text(image, "upright_rgb_sha256"));
        if (problem is not null)
            return (problem, double.NaN);

        using var expected = processor.Process(ImageSource.FromFile(Path.Combine(folder, Text(image, "crop224"))), upright);
        using var storedCrop = processor.Process(file, stored with { Config = bytes });
        if (Compare(storedCrop.PixelValues, expected.PixelValues) is { Problem: not null } difference)
            return difference;
        if (Hash(storedCrop.PixelValues) != Text(image, "crop224_sha256"))
            return ("crop224: another SHA-256", double.NaN);
        // Only pictures with an orientation have a crop of their own for it.
        using var uprightCrop = processor.Process(file, upright with { Config = bytes });
        var uprightHash = Text(image, image.ContainsKey("upright_crop224_sha256") ? "upright_crop224_sha256" : "crop224_sha256");
        return (Hash(uprightCrop.PixelValues) == uprightHash ? null : "upright crop224: another SHA-256", 0);
    }

    private static string? CheckBytes(
        string what, CLIPImageProcessor processor, ImageSource image, ImageProcessingOptions options, int[] size, string sha256)
    {
        using var batch = processor.Process(image, options);
        var (width, height) = (batch.PixelValues.shape[3], batch.PixelValues.shape[2]);
        if (width != size[0] || height != size[1])
            return $"{what}: {width} x {height} pixels instead of {size[0]} x {size[1]}";
        return Hash(batch.PixelValues) == sha256 ? null : $"{what}: another SHA-256";
    }

    private static (string? Problem, double Difference) CheckOption(
        string folder, JsonObject option, JsonObject settings, ReferenceTensors tensors)
    {
        var processor = new CLIPImageProcessor(ReadConfig(settings, option["config"]!.AsObject()));
        using var expected = tensors.Get(Text(option, "output"));
        if (!expected.shape.SequenceEqual(Numbers(option["shape"]).Select(size => (long)size)))
            return ("the reference's tensor has another shape than the reference says", double.NaN);
        using var actual = processor.Process(ImageSource.FromFile(Path.Combine(folder, Text(option, "file"))));
        return Compare(actual.PixelValues, expected);
    }

    private static (string? Problem, double Difference) CheckResize(
        JsonObject resize, int filter, string name, ReferenceTensors tensors)
    {
        if (!Enum.TryParse<Resampling>(name, ignoreCase: true, out var resample) || (int)resample != filter)
            return ($"there is no filter {name} with number {filter}", double.NaN);
        var size = Numbers(resize["out"]);
        using var input = tensors.Get($"resize/{resize["case"]}/in");
        using var expected = tensors.Get($"resize/{resize["case"]}/{filter}");
        var processor = new CLIPImageProcessor(new()
        {
            Size = ImageSize.Exactly(size[1], size[0]),
            Resample = resample,
            DoCenterCrop = false,
            DoRescale = false,
            DoNormalize = false,
        });
        using var actual = processor.Process(ImageSource.FromTensor(input, TensorLayout.HeightWidthChannels));
        using var rows = expected.permute(2, 0, 1);
        using var batch = rows.unsqueeze(0);
        return Compare(actual.PixelValues, batch);
    }

    private static (string? Problem, double Difference) CheckTable(CLIPImageProcessor processor, ReferenceTensors tensors)
    {
        using var expected = tensors.Get("normalise_lut");
        byte[] values = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        using var actual = processor.Process(
            ImageSource.FromPixels(values, width: 256, height: 1, PixelFormat.Gray8),
            new() { Config = processor.Config with { DoResize = false, DoCenterCrop = false } });
        using var batch = expected.view(1, 3, 1, 256);
        return Compare(actual.PixelValues, batch);
    }

    // The tensors that no case names are whole results: FILE/pixel_values.
    private static (string? Problem, double Difference) CheckPixelValues(
        string folder, string name, JsonObject cases, CLIPImageProcessor processor, ReferenceTensors tensors)
    {
        var image = Objects(cases["images"]).FirstOrDefault(image => $"{image["file"]}/pixel_values" == name);
        if (image is null)
            return ("unknown", double.NaN);
        using var expected = tensors.Get(name);
        using var actual = processor.Process(ImageSource.FromFile(Path.Combine(folder, Text(image, "folder"), Text(image, "file"))));
        return Compare(actual.PixelValues, expected);
    }

    private static void RunCase(
        GroupReport report, string name, JsonObject data, string[] known, Func<(string? Problem, double Difference)> check)
    {
        if (RefuseUnknown(report, name, data, known))
            return;
        try
        {
            var before = Tensor.TotalCount;
            var (problem, difference) = check();
            if (problem is null && Tensor.TotalCount > before)
                problem = $"{Tensor.TotalCount - before} tensors were not freed";
            if (problem is null)
                report.Passed(difference);
            else
                report.Failed(name, problem, difference);
        }
        catch (Exception error)
        {
            report.Failed(name, error.Message);
        }
    }

    private static bool RefuseUnknown(GroupReport report, string name, JsonObject data, string[] known)
    {
        var unknown = data.Select(property => property.Key).Except(known).ToList();
        if (unknown.Count > 0)
            report.Failed(name, $"unknown keys {string.Join(", ", unknown)}");
        return unknown.Count > 0;
    }

    private static CLIPImageProcessorConfig ReadConfig(JsonObject settings, JsonObject changes)
    {
        var merged = settings.DeepClone().AsObject();
        foreach (var (key, value) in changes)
            merged[key] = value?.DeepClone();
        var config = CLIPImageProcessorConfig.FromJson(merged.ToJsonString(), "config");
        var unknown = config.AdditionalProperties.Keys.Except(["image_processor_type"]).ToList();
        return unknown.Count == 0 ? config : throw new NotSupportedException($"unknown options {string.Join(", ", unknown)}");
    }

    private static (string? Problem, double Difference) Compare(Tensor actual, Tensor expected)
    {
        if (actual.dtype != expected.dtype)
            return ($"{actual.dtype} instead of {expected.dtype}", double.NaN);
        if (!actual.shape.SequenceEqual(expected.shape))
            return ($"[{string.Join(", ", actual.shape)}] instead of [{string.Join(", ", expected.shape)}]", double.NaN);
        using var scope = NewDisposeScope();
        var differences = (actual.to(ScalarType.Float64) - expected.to(ScalarType.Float64)).abs();
        var worst = differences.max().item<double>();
        return (worst == 0 ? null : $"{differences.ne(0).sum().item<long>()} of {differences.numel()} values differ, by at most {worst}", worst);
    }

    // The reference hashes rows of RGB pixels.
    private static string Hash(Tensor batch)
    {
        using var scope = NewDisposeScope();
        return Convert.ToHexStringLower(SHA256.HashData(batch.squeeze(0).permute(1, 2, 0).contiguous().bytes));
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? array) => array!.AsArray().Select(item => item!.AsObject());

    private static string Text(JsonObject data, string key) =>
        data[key]?.GetValue<string>() ?? throw new JsonException($"the key {key} is missing");

    private static int[] Numbers(JsonNode? array) => [.. array!.AsArray().Select(number => number!.GetValue<int>())];

    /// <summary>The reference's tensors, and which of them no case has asked for.</summary>
    private sealed class ReferenceTensors(SafeTensors file)
    {
        private readonly HashSet<string> _used = [];

        public Tensor Get(string name)
        {
            _used.Add(name);
            return file[name];
        }

        public List<string> Unused() => [.. file.Names.Except(_used)];
    }
}
