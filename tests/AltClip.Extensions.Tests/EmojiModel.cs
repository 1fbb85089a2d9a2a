using AltClip.Tests;
using Microsoft.Extensions.AI;

namespace AltClip.Extensions.Tests;

/// <summary>The model that ships, and pictures that it knows.</summary>
internal static class EmojiModel
{
    public const string Id = "altclip-emoji";

    public static string Folder { get; } = Path.GetFullPath(TestData.Path("..", "..", "models", Id));

    public static int Width => 192;

    public static ImageSource Source(string name) => ImageSource.FromFile(TestData.Path("emoji", name + ".png"));

    public static DataContent Picture(string name) => new(File.ReadAllBytes(TestData.Path("emoji", name + ".png")), "image/png") { Name = name };
}
