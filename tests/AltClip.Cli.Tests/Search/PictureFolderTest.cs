using AltClip.Search.Tests;
using AltClip.Tests;

namespace AltClip.Cli.Tests;

/// <summary>A folder that is the current one, with pictures in <c>pictures</c>.</summary>
public abstract class PictureFolderTest : IDisposable
{
    private readonly string _before = Environment.CurrentDirectory;
    private readonly TemporaryFolder _folder = new();

    protected PictureFolderTest()
    {
        Environment.CurrentDirectory = _folder.Path;
        foreach (var name in new[] { "penguin", "pizza", "rocket", "cactus" }) Copy(name, $"pictures/{name}.png");
    }

    // As the system calls it, which may have resolved links.
    protected static string Here => Environment.CurrentDirectory;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        Environment.CurrentDirectory = _before;
        _folder.Dispose();
    }

    protected static string At(string name) => Path.Combine(Here, name);

    protected static void Copy(string emoji, string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.Copy(EmojiPipeline.Picture(emoji), At(name));
    }

    /// <summary>Runs a command that has to be done, and gives its lines.</summary>
    private protected static async Task<string[]> LinesAsync(params string[] arguments)
    {
        var result = await Cli.RunAsync(arguments);
        Xunit.Assert.True(result.Code == ExitCode.Done, result.Errors);
        return result.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
