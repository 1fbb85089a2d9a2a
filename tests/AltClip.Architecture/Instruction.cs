using System.Reflection;
using System.Reflection.Emit;

namespace AltClip.Architecture;

/// <summary>An instruction of a compiled method.</summary>
/// <param name="Code">What it does.</param>
/// <param name="Member">The method, field or type that it names, if it names one.</param>
/// <param name="Local">The local variable, or the argument, that it is of.</param>
internal sealed record Instruction(OpCode Code, MemberInfo? Member = null, int? Local = null)
{
    public bool IsStoreOf(int? local) => Code.Name!.StartsWith("stloc", StringComparison.Ordinal) && Local == local;

    public bool IsLoadOf(int? local) => (Code.Name is "ldloc" or "ldloc.s" || Code.Name!.StartsWith("ldloc.", StringComparison.Ordinal)) && Local == local;
}
