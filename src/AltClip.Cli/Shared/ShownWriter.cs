using System.Text;

namespace AltClip.Cli;

/// <summary>Writes <see cref="TerminalText"/>.</summary>
/// <param name="writer">Where it goes; it stays its owner's.</param>
internal sealed class ShownWriter(TextWriter writer) : TextWriter(writer.FormatProvider)
{
    public override Encoding Encoding => writer.Encoding;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(string? value)
    {
        if (value is not null) writer.Write(TerminalText.Shown(value));
    }

    public override void WriteLine(string? value)
    {
        // At once, as other threads write too.
        writer.WriteLine(value is null ? null : TerminalText.Shown(value));
    }

    public override void Flush() => writer.Flush();
}
