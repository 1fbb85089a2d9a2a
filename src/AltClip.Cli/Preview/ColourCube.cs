namespace AltClip.Cli;

/// <summary>The six brightnesses of a channel in xterm's cube of 216 colours.</summary>
internal static class ColourCube
{
    public static IReadOnlyList<byte> Levels { get; } = [0, 95, 135, 175, 215, 255];

    /// <summary>The nearest one's place.</summary>
    public static int Step(int value)
    {
        var nearest = 0;
        for (var i = 1; i < Levels.Count; i++)
            if (Math.Abs(Levels[i] - value) < Math.Abs(Levels[nearest] - value)) nearest = i;
        return nearest;
    }
}
