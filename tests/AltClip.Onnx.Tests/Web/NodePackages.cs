using AltClip.Tests;
using Xunit;

namespace AltClip.Onnx.Tests.Web;

/// <summary>The npm packages of the tests.</summary>
internal static class NodePackages
{
    /// <summary>The folder that they are installed in.</summary>
    public static string Folder { get; } = Path.GetFullPath(TestData.Path("..", "AltClip.Onnx.Tests", "node"));

    public static void AssertInstalled() =>
        Assert.True(Directory.Exists(Path.Combine(Folder, "node_modules")), "The npm packages of the tests are missing; run tests/needs.");
}
