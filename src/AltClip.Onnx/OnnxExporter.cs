using System.Diagnostics.CodeAnalysis;
using AltClip.Modeling.Adapters;
using AltClip.Onnx.Format;
using AltClip.Shared;
using Google.Protobuf;

namespace AltClip.Onnx;

/// <summary>Writes a model's encoders as ONNX, which ONNX Runtime runs on servers, phones and in browsers.</summary>
[RequiresUnreferencedCode("TorchSharp can't be trimmed."), RequiresDynamicCode("TorchSharp can't be compiled ahead of time.")]
public static class OnnxExporter
{
    // A file of protobuf ends at 2 GB, and is read into memory whole.
    private const long MostBytesInline = 1 << 30;

    /// <summary>
    /// Writes <c>onnx/text_model.onnx</c> (<c>input_ids</c> and <c>attention_mask</c>, int64 [batch, sequence], to <c>text_embeds</c>, float32
    /// [batch, projection_dim], and <c>logit_scale</c>, a scalar) and <c>onnx/vision_model.onnx</c> (<c>pixel_values</c>, float32 [batch, channels, height,
    /// width], to <c>image_embeds</c>, float32 [batch, projection_dim]), and <c>config.json</c>. Embeddings have length one; their products times
    /// <c>logit_scale</c> are the model's <c>logits_per_image</c>. Batch and sequence are free. Names end in <c>_fp16</c> and <c>_int8</c> in those precisions;
    /// weights of more than 1 GiB stand beside, in <c>.onnx_data</c>. The places and names are those of transformers.js.
    /// </summary>
    /// <param name="model">The model. It isn't changed.</param>
    /// <param name="folder">
    /// The folder, which is made if it isn't there. Files of the same names are replaced when all are written; other precisions of the same model may stand
    /// there, which their metadata <c>altclip.weights</c> tells.
    /// </param>
    /// <param name="precision">The numbers of weights and activations.</param>
    /// <param name="cancellationToken">Stops between the encoders; nothing is written then.</param>
    /// <returns>The files' paths: text encoder, image encoder, configuration, and what stands beside.</returns>
    /// <exception cref="NotSupportedException">The text encoder has relative positions, or is a decoder.</exception>
    /// <exception cref="InvalidOperationException">An adapter is attached that is not merged.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    /// <exception cref="IOException">
    /// The folder has another model's export in another precision, or a file can't be written; what was there before is then still whole.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public static IReadOnlyList<string> Export(
        AltCLIPModel model, string folder, OnnxPrecision precision = OnnxPrecision.Float32, CancellationToken cancellationToken = default) =>
        Export(model, folder, precision, MostBytesInline, cancellationToken);

    /// <summary>The same, with the bytes of an encoder's weights from which on they stand beside.</summary>
    internal static IReadOnlyList<string> Export(AltCLIPModel model, string folder, OnnxPrecision precision, long mostBytesInline, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.ThrowIfDisposed();
        ArgumentException.ThrowIfNullOrEmpty(folder);
        TextGraph.Validate(model.Config.TextConfig);
        LoraLayer.RefuseUnmerged(model);
        string[] names = [OnnxNames.Text(precision), OnnxNames.Vision(precision)];
        var fingerprint = ExportedModel.FingerprintOf(model);
        ExportedModel.RefuseOthers(folder, precision, fingerprint, model.Config.ToJson());

        var target = Path.Combine(folder, OnnxNames.Folder);
        Directory.CreateDirectory(target);
        using var staged = new StagedFiles(isSoleWriter: true);
        List<string> written = [], beside = [], unused = [];
        Func<AltCLIPModel, WeightStore, OnnxPrecision, ModelProto>[] graphs = [TextGraph.Build, VisionGraph.Build];
        foreach (var (name, graph) in names.Zip(graphs))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = Path.Combine(target, name);
            staged.DeleteLeftOver(target, Path.GetFileName(DataPath(path)).Equals);
            using var data = ParameterBytes(model, name == names[0], precision) > mostBytesInline ? staged.Create(DataPath(path)) : null;
            using var file = staged.Create(path);
            var exported = graph(model, new WeightStore(data, Path.GetFileName(DataPath(path))), precision);
            ExportedModel.Note(exported, fingerprint);
            exported.WriteTo(file);
            written.Add(path);
            (data is null ? unused : beside).Add(DataPath(path));
        }
        var config = Path.Combine(folder, "config.json");
        staged.CreateText(config, model.Config.ToJson());
        cancellationToken.ThrowIfCancellationRequested();
        staged.Commit();
        foreach (var path in unused) File.Delete(path);
        return [.. written, config, .. beside];
    }

    private static string DataPath(string path) => $"{path}_data";

    private static long ParameterBytes(AltCLIPModel model, bool text, OnnxPrecision precision)
    {
        var bytesEach = precision switch { OnnxPrecision.Float32 => sizeof(float), OnnxPrecision.Float16 => sizeof(ushort), _ => sizeof(byte) };
        return bytesEach * (text ? (TorchSharp.torch.nn.Module)model.text_model : model.vision_model).parameters().Sum(weight => weight.NumberOfElements);
    }
}
