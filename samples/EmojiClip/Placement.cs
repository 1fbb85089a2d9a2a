namespace EmojiClip;

/// <summary>Where a picture goes on a canvas of the same size: turned, stretched and bent about its middle, then moved.</summary>
internal readonly struct Placement
{
    private readonly float _cos, _sin, _shear, _right, _down, _mirror, _bend, _bendPhaseX, _bendPhaseY, _waves;

    /// <param name="degrees">Clockwise rotation.</param>
    /// <param name="width">The factor on its width.</param>
    /// <param name="height">The factor on its height.</param>
    /// <param name="right">The shift as a part of the canvas.</param>
    /// <param name="down">The shift as a part of the canvas.</param>
    /// <param name="shear">How much a column goes down a column to the right.</param>
    /// <param name="mirrored">Whether left and right change places.</param>
    /// <param name="bend">How far a wave displaces points, in pixels.</param>
    /// <param name="waves">How many waves there are a side.</param>
    /// <param name="phase">Where the waves begin.</param>
    public Placement(
        float degrees, float width, float height, float right, float down, float shear = 0, bool mirrored = false, float bend = 0,
        float waves = 1, float phase = 0)
    {
        (_sin, _cos) = MathF.SinCos(degrees * MathF.PI / 180);
        (Width, Height, _shear, _mirror) = (width, height, shear, mirrored ? -1 : 1);
        (_right, _down) = ((0.5f + right) * Sprite.Side, (0.5f + down) * Sprite.Side);
        (_bend, _waves, _bendPhaseX, _bendPhaseY) = (bend, waves * 2 * MathF.PI / Sprite.Side, phase, phase * 2.7f);
    }

    public float Width { get; }

    public float Height { get; }

    /// <summary>The point of the picture that is seen at a point of the canvas.</summary>
    public (float X, float Y) Source(float x, float y)
    {
        (x, y) = (x - _right, y - _down);
        (x, y) = ((_cos * x + _sin * y) / Width * _mirror, (_cos * y - _sin * x) / Height);
        y += _shear * x;
        if (_bend != 0) (x, y) = (x + _bend * MathF.Sin(_waves * y + _bendPhaseX), y + _bend * MathF.Sin(_waves * x + _bendPhaseY));
        return (x + Sprite.Side / 2f, y + Sprite.Side / 2f);
    }
}
