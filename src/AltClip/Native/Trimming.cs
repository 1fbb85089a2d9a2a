namespace AltClip.Native;

/// <summary>What the linker is told, since TorchSharp tells it nothing.</summary>
internal static class Trimming
{
    /// <summary>Why models can't be used in trimmed apps.</summary>
    public const string Message = "TorchSharp finds a model's parts by reflection and is not made for trimming; see docs/troubleshooting.md.";

    /// <summary>Why models can't be used in apps that are compiled ahead of time.</summary>
    public const string AheadOfTime = "TorchSharp doesn't load in apps that are compiled ahead of time; see docs/troubleshooting.md.";
}
