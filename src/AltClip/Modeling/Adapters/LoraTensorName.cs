namespace AltClip.Modeling.Adapters;

/// <summary>The name of a tensor in an adapter's file, taken apart.</summary>
/// <param name="Module">The module that it belongs to, as the file calls it; of a tensor that replaces one of the model's, the latter's name.</param>
/// <param name="Part">The adapter's parameter, as <c>lora_A.weight</c>; null for a tensor that replaces one of the model's.</param>
/// <param name="IsOfAdapted">Whether it replaces a tensor of an adapted module.</param>
internal readonly record struct LoraTensorName(string Module, string? Part, bool IsOfAdapted)
{
    /// <summary>What <c>peft</c> puts before the names of the model's layers.</summary>
    public const string Prefix = "base_model.model.";

    private const string Base = ".base_layer.";

    /// <summary>Biases inside what is saved whole, which <c>peft</c> writes a second time under such names and never reads.</summary>
    private static readonly string[] NeverRead = [".original_module.", ".modules_to_save."];

    /// <summary>Takes a name apart; null if it isn't one of an adapter's.</summary>
    public static LoraTensorName? Parse(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var inner = name[Prefix.Length..];
        if (inner.LastIndexOf(".lora_", StringComparison.Ordinal) is >= 0 and var dot)
        {
            var part = inner[(dot + 1)..];
            return new(inner[..dot], part == $"{LoraLayer.MagnitudeName}.weight" ? LoraLayer.MagnitudeName : part, false);
        }
        return new(inner.Replace(Base, "."), null, inner.Contains(Base, StringComparison.Ordinal));
    }

    /// <summary>Whether <c>peft</c> passes a tensor over, of whatever model.</summary>
    public static bool IsNeverRead(string name) => NeverRead.Any(part => name.Contains(part, StringComparison.Ordinal));

    /// <summary>The name of a tensor that replaces one of the model's.</summary>
    /// <param name="parameter">The parameter's name in its model.</param>
    /// <param name="isOfAdapted">Whether its module is adapted.</param>
    public static string Of(string parameter, bool isOfAdapted)
    {
        var dot = parameter.LastIndexOf('.');
        return Prefix + (isOfAdapted ? string.Concat(parameter.AsSpan(0, dot), Base, parameter.AsSpan(dot + 1)) : parameter);
    }
}
