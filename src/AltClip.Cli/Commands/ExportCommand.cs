using System.CommandLine;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip export onnx</c></summary>
internal static class ExportCommand
{
    public static Command Create(CliConsole console) => new("export", "Writes a model for other programs: as ONNX, for phones, browsers and other languages.")
    {
        ExportOnnxCommand.Create(console),
    };
}
