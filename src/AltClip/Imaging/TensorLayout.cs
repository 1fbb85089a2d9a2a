namespace AltClip.Imaging;

/// <summary>The order of dimensions in a tensor that holds a picture.</summary>
public enum TensorLayout
{
    /// <summary><c>[height, width, channels]</c>.</summary>
    HeightWidthChannels,

    /// <summary><c>[channels, height, width]</c>.</summary>
    ChannelsHeightWidth,
}
