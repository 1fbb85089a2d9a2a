using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using AltClip.Hub;
using AltClip.Imaging;
using AltClip.Native;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>
/// Prepares pictures for the model as transformers' <c>CLIPImageProcessor</c> (PIL backend) does, to the last bit: the same numbers come
/// out. Safe to use from several threads.
/// </summary>
public sealed class CLIPImageProcessor
{
    internal const string FileName = "preprocessor_config.json";
    internal const string ProcessorFileName = "processor_config.json";
    private const int Channels = 3;

    /// <summary>What a processor is read from.</summary>
    internal static HubFileGroup[] Files { get; } = [HubFileGroup.Optional(ProcessorFileName), new(true, [FileName], [ProcessorFileName])];

    /// <summary>Creates a processor.</summary>
    /// <param name="config">What it does to a picture; null for the defaults.</param>
    /// <exception cref="ArgumentException">A value of the configuration is wrong; the message names it.</exception>
    public CLIPImageProcessor(CLIPImageProcessorConfig? config = null)
    {
        Config = config ?? new();
        Config.Validate();
    }

    /// <summary>What the processor does to a picture.</summary>
    public CLIPImageProcessorConfig Config { get; }

    /// <summary>The names of the model's inputs that are made here.</summary>
    public static IReadOnlyList<string> ModelInputNames { get; } = ["pixel_values"];

    /// <summary>Reads a processor from a checkpoint.</summary>
    /// <param name="folderOrId">
    /// A folder with <c>preprocessor_config.json</c>, or with the <c>processor_config.json</c> that transformers 5 writes; or a model on the Hub,
    /// <c>owner/name</c> or <c>owner/name@revision</c>, whose files are downloaded into the cache where it doesn't have them.
    /// </param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <exception cref="FileNotFoundException">The folder has neither file.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="ConfigurationException">The file is not JSON, or a value is not what it has to be.</exception>
    public static CLIPImageProcessor FromPretrained(string folderOrId, string? revision = null, HubOptions? hub = null)
    {
        var folder = new PretrainedSource(folderOrId, revision, hub).Locate(Files);
        var file = Path.Combine(folder, FileName);
        if (ReadNested(Path.Combine(folder, ProcessorFileName)) is { } nested)
            return new(nested);
        if (!File.Exists(file))
            throw new FileNotFoundException($"{folder} has neither {FileName} nor a {ProcessorFileName} with an image_processor.", file);
        return new(CLIPImageProcessorConfig.FromJson(File.ReadAllText(file), file));
    }

    /// <summary>Writes <c>preprocessor_config.json</c>, which transformers reads.</summary>
    /// <param name="folder">The folder; it is created if it is not there.</param>
    public void SavePretrained(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        StagedFiles.WriteText(Path.Combine(folder, FileName), Config.ToJson() + "\n", isSoleWriter: true);
    }

    /// <summary>Prepares one picture.</summary>
    /// <inheritdoc cref="Process(IReadOnlyList{ImageSource}, ImageProcessingOptions?, IProgress{int}?, CancellationToken)"/>
    public ImageBatch Process(ImageSource image, ImageProcessingOptions? options = null) => Process([image], options);

    /// <summary>Prepares pictures, several at a time.</summary>
    /// <param name="images">The pictures. Unless the configuration crops or gives both edges, they must all come out at one size.</param>
    /// <param name="options">Choices for this call; null for the defaults.</param>
    /// <param name="progress">Is told how many pictures are done, after each.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    /// <returns>The pictures as one tensor, <c>[batch, 3, height, width]</c>.</returns>
    /// <exception cref="ArgumentException">There are no pictures, one of them is null, or an option is wrong.</exception>
    /// <exception cref="ImageException">
    /// A picture is no picture, corrupt, truncated, too large or of another size than the others; the message names it.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public ImageBatch Process(
        IReadOnlyList<ImageSource> images, ImageProcessingOptions? options = null, IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        Check.Items(images, nameof(images), "picture");
        options ??= new();
        var config = options.Config ?? Config;
        config.Validate();
        cancellationToken.ThrowIfCancellationRequested();
        TorchRuntime.EnsureLoaded();
        return config.DoRescale || config.DoNormalize
            ? Process([.. images], config, options, ChannelTables.Floats(config), ScalarType.Float32, progress, cancellationToken)
            : Process([.. images], config, options, ChannelTables.Identity, ScalarType.Byte, progress, cancellationToken);
    }

    /// <summary>
    /// Prepares one picture in memory of the caller's, for other runtimes than TorchSharp: libtorch is not needed, nor loaded.
    /// </summary>
    /// <param name="image">The picture.</param>
    /// <param name="pixelValues">
    /// Is filled with <c>[3, height, width]</c> and must have as many numbers: 3 * 224 * 224 with the settings of CLIP.
    /// </param>
    /// <param name="options">Choices for this call; null for the defaults. Type and device are not among them.</param>
    /// <returns>Height and width.</returns>
    /// <exception cref="ArgumentException">The memory has another size (the message names the right one), or an option is wrong.</exception>
    /// <exception cref="ImageException">The picture is no picture, corrupt, truncated or too large; the message names it.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public (int Height, int Width) Process(ImageSource image, Span<float> pixelValues, ImageProcessingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        options ??= new();
        if (options.Device is not null || options.Dtype is not null)
            throw new ArgumentException("A device or type is given; expected neither for memory of float32.", nameof(options));
        var config = options.Config ?? Config;
        config.Validate();
        ImageSource[] images = [image];
        var size = OutputSize(images, config, options with { OnError = ImageErrorHandling.Throw });
        if (pixelValues.Length != Channels * size.Height * size.Width)
        {
            throw new ArgumentException(
                $"There is room for {pixelValues.Length} numbers; expected {Channels * size.Height * size.Width}: {Channels} x {size.Height} x {size.Width}.",
                nameof(pixelValues));
        }
        using var workspace = new ImageWorkspace();
        Write(images[0], size, config, options, ChannelTables.Floats(config), workspace, pixelValues);
        return size;
    }

    private static ImageBatch Process<T>(
        ImageSource[] images, CLIPImageProcessorConfig config, ImageProcessingOptions options, ChannelTables<T> tables,
        ScalarType dtype, IProgress<int>? progress, CancellationToken cancellationToken)
        where T : unmanaged
    {
        var (height, width) = OutputSize(images, config, options);
        var pixelValues = empty([images.Length, Channels, height, width], dtype, CPU);
        try
        {
            var skipped = Run(
                images.Length, options, progress, cancellationToken, i => images[i].Name,
                (i, workspace) =>
                {
                    using var slot = pixelValues[i];
                    Write(images[i], (height, width), config, options, tables, workspace, MemoryMarshal.Cast<byte, T>(slot.bytes));
                });
            int[] kept = [.. Enumerable.Range(0, images.Length).Except(skipped.Select(image => image.Index))];
            return new ImageBatch(Finish(pixelValues, kept, options), kept, skipped);
        }
        catch
        {
            pixelValues.Dispose();
            throw;
        }
    }

    private static void Write<T>(
        ImageSource image, (int Height, int Width) size, CLIPImageProcessorConfig config, ImageProcessingOptions options, ChannelTables<T> tables,
        ImageWorkspace workspace, Span<T> pixelValues)
        where T : unmanaged
    {
        using var rows = ImageDecoder.Open(image, options, config.DoConvertRgb, workspace);
        var geometry = Geometry(config, rows, image.Name, options);
        if (geometry.Vertical.Size != size.Height || geometry.Horizontal.Size != size.Width)
        {
            throw new ImageException(
                $"{image.Name} comes out at {geometry.Horizontal.Size} x {geometry.Vertical.Size} pixels, "
                + $"others of the batch at {size.Width} x {size.Height}. Crop, or give a height and a width.");
        }
        tables.Write(ImageTransform.Apply(rows, geometry, config.Resample, workspace), geometry, pixelValues);
    }

    // Hands out pictures one by one: they differ in size, so that shares made in advance would not end together.
    private static List<SkippedImage> Run(
        int count, ImageProcessingOptions options, IProgress<int>? progress, CancellationToken cancellationToken, Func<int, string> name,
        Action<int, ImageWorkspace> process)
    {
        var errors = new List<SkippedImage>();
        var gate = new Lock();
        var done = 0;
        var parallel = new ParallelOptions
        {
            CancellationToken = cancellationToken,
            // No more than there are pictures: one alone then stays on the caller's thread.
            MaxDegreeOfParallelism = options.MaxDegreeOfParallelism == -1
                ? Math.Min(count, Environment.ProcessorCount)
                : options.MaxDegreeOfParallelism,
        };
        try
        {
            Parallel.ForEach(
                Partitioner.Create(Enumerable.Range(0, count), EnumerablePartitionerOptions.NoBuffering), parallel,
                () => new ImageWorkspace(),
                (i, state, workspace) =>
                {
                    try
                    {
                        process(i, workspace);
                    }
                    catch (Exception error) when (error is not OutOfMemoryException)
                    {
                        lock (gate)
                            errors.Add(new SkippedImage(i, name(i), error));
                        if (options.OnError == ImageErrorHandling.Throw)
                            state.Stop();
                    }
                    lock (gate)
                        progress?.Report(++done);
                    return workspace;
                },
                workspace => workspace.Dispose());
        }
        catch (AggregateException error)
        {
            ExceptionDispatchInfo.Throw(error.InnerException!);
        }
        errors.Sort((a, b) => a.Index.CompareTo(b.Index));
        if (options.OnError == ImageErrorHandling.Throw && errors.Count > 0)
            ExceptionDispatchInfo.Throw(errors[0].Error);
        return errors;
    }

    /// <summary>The size of the first picture that can be read, where the configuration leaves it open. That one is kept for its turn.</summary>
    private static (int Height, int Width) OutputSize(ImageSource[] images, CLIPImageProcessorConfig config, ImageProcessingOptions options)
    {
        var (height, width) = UncheckedOutputSize(images, config, options);
        if ((long)height * width > options.MaxPixels)
        {
            throw new ArgumentException(
                $"Pictures would come out at {width} x {height}, more than the limit of {options.MaxPixels} pixels.", nameof(options));
        }
        return (height, width);
    }

    private static (int Height, int Width) UncheckedOutputSize(ImageSource[] images, CLIPImageProcessorConfig config, ImageProcessingOptions options)
    {
        if (config.DoCenterCrop)
            return (config.CropSize.Height!.Value, config.CropSize.Width!.Value);
        if (config is { DoResize: true, Size.ShortestEdge: null })
            return (config.Size.Height!.Value, config.Size.Width!.Value);
        using var workspace = new ImageWorkspace();
        for (var i = 0; i < images.Length; i++)
        {
            try
            {
                var image = images[i].Kept();
                using var rows = ImageDecoder.Open(image, options, config.DoConvertRgb, workspace);
                var geometry = Geometry(config, rows, image.Name, options);
                images[i] = image;
                return (geometry.Vertical.Size, geometry.Horizontal.Size);
            }
            catch (Exception error) when (options.OnError == ImageErrorHandling.Skip && error is not OutOfMemoryException)
            {
                // It fails again in its turn, and is reported then.
            }
        }
        return (0, 0);
    }

    private static ImageGeometry Geometry(CLIPImageProcessorConfig config, PixelRows rows, string name, ImageProcessingOptions options)
    {
        var geometry = ImageGeometry.Of(config, rows, name);
        ResizeCost.Check(geometry, rows.Orientation.Transposed, config.Resample, options.MaxPixels, name);
        return geometry;
    }

    private static Tensor Finish(Tensor pixelValues, int[] kept, ImageProcessingOptions options)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var result = pixelValues;
        if (kept.Length < pixelValues.shape[0])
            result = result.index_select(0, tensor(kept, ScalarType.Int64, CPU));
        result = result.to(options.Dtype ?? result.dtype).ToDevice(options.Device ?? CPU);
        if (!ReferenceEquals(result, pixelValues))
        {
            result.MoveToOuterDisposeScope();
            pixelValues.Dispose();
        }
        return result;
    }

    private static CLIPImageProcessorConfig? ReadNested(string file)
    {
        if (!File.Exists(file))
            return null;
        try
        {
            var text = File.ReadAllText(file);
            if (FileKind.Of(text) is { } kind)
                throw new JsonException($"the file is {kind}");
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("image_processor", out var nested)
                ? CLIPImageProcessorConfig.FromJson(nested.GetRawText(), $"{file}, image_processor")
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new ConfigurationException($"{file}: {error.Message}", error);
        }
    }
}
