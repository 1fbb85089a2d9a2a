using System.Reflection;

namespace AltClip.Tests;

/// <summary>A constant that is nobody's business but the code's.</summary>
internal static class CodeConstant
{
    /// <summary>Its value, by the names of its assembly, of its type below <c>AltClip</c>, and of its field.</summary>
    public static object Of(string assembly, string type, string name) => Assembly.Load(assembly).GetType($"AltClip.{type}", throwOnError: true)!
        .GetField(name, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!.GetValue(null)!;
}
