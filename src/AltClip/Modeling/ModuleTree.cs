using AltClip.Shared.Notebooks;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>Shows a module with its parts to be unfolded: names as in checkpoints, classes, sizes of parameters.</summary>
internal sealed class ModuleTree : HtmlView<nn.Module>
{
    /// <inheritdoc/>
    protected override void Write(nn.Module value, HtmlWriter html) => Write("", value, html, open: true);

    private static void Write(string name, nn.Module module, HtmlWriter html, bool open = false)
    {
        html.Write($"<details style=\"margin-left:1.2em\"");
        if (open) html.Write($" open=\"\"");
        html.Write($"><summary>{name} <code>{module.GetType().Name.Split('`')[0]}</code> ");
        html.Write($"{module.parameters().Sum(parameter => parameter.numel()):N0} parameters</summary>");
        // An adapter names its layers' parameters as if they were its own.
        foreach (var (own, parameter) in module.named_parameters(recurse: false).Where(own => !own.name.Contains('.')))
            html.Write($"<div style=\"margin-left:1.2em\">{own} <code>{parameter.dtype} [{string.Join(", ", parameter.shape)}]</code></div>");
        foreach (var (child, part) in module.named_children()) Write(child, part, html);
        html.Write($"</details>");
    }
}
