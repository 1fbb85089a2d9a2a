using System.Reflection;
using Microsoft.CodeAnalysis;

namespace AltClip.Mutation;

/// <summary>Loads the generators of sources that the SDK gives the compiler (regular expressions, native imports).</summary>
internal sealed class GeneratorLoader : IAnalyzerAssemblyLoader
{
    public void AddDependencyLocation(string fullPath)
    {
        // They lie beside what needs them, where LoadFrom looks.
    }

    public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
}
