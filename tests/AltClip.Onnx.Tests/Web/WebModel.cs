using System.Diagnostics;
using System.Text.Json;
using Tensor = TorchSharp.torch.Tensor;

namespace AltClip.Onnx.Tests.Web;

/// <summary>An exported model in onnxruntime-web's WebAssembly, which runs in Node here; <c>tests/needs</c> installs it.</summary>
internal sealed class WebModel : IExportedModel
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    public WebModel(string folder, string suffix = "")
    {
        NodePackages.AssertInstalled();
        var start = new ProcessStartInfo("node", ["encoders.mjs", Path.GetFullPath(folder), suffix])
        {
            WorkingDirectory = NodePackages.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
        ReadLine();
    }

    public (float[] Embeds, float LogitScale) Text(Tensor ids, Tensor mask)
    {
        var outputs = Run("text_model", new() { ["input_ids"] = Input<long>("int64", ids), ["attention_mask"] = Input<long>("int64", mask) });
        return (outputs["text_embeds"], outputs["logit_scale"].Single());
    }

    public float[] Pictures(Tensor pixels) => Run("vision_model", new() { ["pixel_values"] = Input<float>("float32", pixels) })["image_embeds"];

    public void Dispose()
    {
        // It ends with its input.
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static object Input<T>(string type, Tensor tensor) where T : unmanaged => new { type, data = tensor.data<T>().ToArray(), tensor.shape };

    private Dictionary<string, float[]> Run(string encoder, Dictionary<string, object> inputs)
    {
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(new { encoder, inputs }));
        return JsonSerializer.Deserialize<Dictionary<string, float[]>>(ReadLine())!;
    }

    private string ReadLine() =>
        _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"The encoders in Node ended: {_errors.GetAwaiter().GetResult()}");
}
