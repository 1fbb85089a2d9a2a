using AltClip.Hub;
using AltClip.Native;
using Microsoft.Extensions.Options;

namespace AltClip.Extensions;

/// <summary>Names everything that is wrong with <see cref="AltClipOptions"/> at once.</summary>
internal sealed class AltClipOptionsValidator : IValidateOptions<AltClipOptions>
{
    public ValidateOptionsResult Validate(string? name, AltClipOptions options)
    {
        var model = string.IsNullOrEmpty(name) ? "AltClip" : $"AltClip '{name}'";
        string[] problems = [.. Problems(options).Select(problem => $"{model}: {problem}")];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(AltClipOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Model))
            yield return $"{nameof(options.Model)} is missing; expected a model folder or a Hugging Face id.";
        else if (!Directory.Exists(options.Model) && !HubClient.IsModelId(options.Model))
            yield return $"{nameof(options.Model)} is '{options.Model}', which is no folder here and no Hugging Face id (owner/name).";
        if (options.ModelId is not null && string.IsNullOrWhiteSpace(options.ModelId))
            yield return $"{nameof(options.ModelId)} is blank; expected a name, or nothing for the model's own.";
        if (options.Adapter is not null && !Directory.Exists(options.Adapter) && !HubClient.IsModelId(options.Adapter))
            yield return $"{nameof(options.Adapter)} is '{options.Adapter}', which is no folder here and no Hugging Face id (owner/name).";
        if (!Enum.IsDefined(options.Precision))
        {
            var names = string.Join(", ", Enum.GetNames<InferencePrecision>());
            yield return $"{nameof(options.Precision)} is {options.Precision}; expected {names}.";
        }
        if (!TorchDevices.IsName(options.Device))
            yield return $"{nameof(options.Device)} is '{options.Device}'; expected cpu, cuda, cuda:0, … or mps.";
        if (options.TextBatchSize < 1)
            yield return $"{nameof(options.TextBatchSize)} is {options.TextBatchSize}; expected at least 1.";
        if (options.ImageBatchSize < 1)
            yield return $"{nameof(options.ImageBatchSize)} is {options.ImageBatchSize}; expected at least 1.";
        foreach (var problem in options.Batching?.Problems() ?? ["is missing."])
            yield return $"{nameof(options.Batching)}: {problem}";
    }
}
