namespace AltClip.Cli;

/// <summary>How a terminal is shown pictures.</summary>
internal enum PictureProtocol
{
    /// <summary>Two pixels a character, in colours. Every terminal with colours can.</summary>
    Blocks,

    /// <summary>Kitty's graphics protocol: https://sw.kovidgoyal.net/kitty/graphics-protocol</summary>
    Kitty,

    /// <summary>iTerm2's inline images: https://iterm2.com/documentation-images.html</summary>
    Iterm2,

    /// <summary>DEC's sixels, which xterm, foot, Windows Terminal and many others show.</summary>
    Sixel,
}
