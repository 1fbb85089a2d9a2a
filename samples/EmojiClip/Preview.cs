using SkiaSharp;
namespace EmojiClip;
internal static class Preview
{
    public static void Write(EmojiSet emoji, string folder)
    {
        using var bitmap = new SKBitmap(64 * 16, 64 * 12);
        var random = new Random(3);
        for (var k = 0; k < 192; k++)
        {
            var drawing = emoji.Drawings[random.Next(emoji.Drawings.Length)];
            var canvas = k < 48 ? Perturbation.Plain(drawing, 64) : k < 96 ? Perturbation.Draw(drawing, 64, k) : PictureAugmentation.Draw(drawing, true, k < 144 ? 64 : 32, 1, random);
            for (var i = 0; i < canvas.Side * canvas.Side; i++)
                bitmap.SetPixel(k % 16 * 64 + i % canvas.Side, k / 16 * 64 + i / canvas.Side, new SKColor((byte)Math.Clamp(canvas.Pixels[3 * i], 0, 255), (byte)Math.Clamp(canvas.Pixels[3 * i + 1], 0, 255), (byte)Math.Clamp(canvas.Pixels[3 * i + 2], 0, 255)));
        }
        File.WriteAllBytes(Path.Combine(folder, "preview.png"), bitmap.Encode(SKEncodedImageFormat.Png, 90).ToArray());
    }
}
