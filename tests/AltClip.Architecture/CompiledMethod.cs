using System.Reflection;
using System.Reflection.Emit;

namespace AltClip.Architecture;

/// <summary>The code of compiled methods, as it stands in their assembly.</summary>
internal static class CompiledMethod
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<int, OpCode> OpCodes = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>All methods of types that have code: those of lambdas and iterators too, and constructors.</summary>
    public static IEnumerable<MethodBase> Of(IEnumerable<Type> types) => types
        .SelectMany(type => type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared)))
        .Where(method => method.GetMethodBody() is not null);

    /// <summary>The instructions of a method, in their order.</summary>
    public static IEnumerable<Instruction> Instructions(MethodBase method)
    {
        var code = method.GetMethodBody()!.GetILAsByteArray()!;
        for (var at = 0; at < code.Length;)
        {
            var opCode = OpCodes[code[at] == 0xFE ? 0xFE00 | code[at + 1] : code[at]];
            at += opCode.Size;
            yield return opCode.OperandType switch
            {
                OperandType.InlineMethod => new(opCode, Resolve(method, method.Module.ResolveMethod, BitConverter.ToInt32(code, at))),
                OperandType.InlineField => new(opCode, Resolve(method, method.Module.ResolveField, BitConverter.ToInt32(code, at))),
                OperandType.InlineType => new(opCode, Resolve(method, method.Module.ResolveType, BitConverter.ToInt32(code, at))),
                OperandType.ShortInlineVar => new(opCode, Local: code[at]),
                OperandType.InlineVar => new(opCode, Local: BitConverter.ToUInt16(code, at)),
                _ => new(opCode, Local: ShortLocal(opCode)),
            };
            at += opCode.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
    }

    private static MemberInfo Resolve(MethodBase method, Func<int, Type[]?, Type[]?, MemberInfo?> resolve, int token)
    {
        var ofType = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var member = resolve(token, ofType, method.IsGenericMethod ? method.GetGenericArguments() : null)!;
        // As it is declared, whatever types it is called with. Those of arrays the runtime makes.
        return member is MethodBase { DeclaringType.IsArray: false } called ? called.Module.ResolveMethod(called.MetadataToken)! : member;
    }

    // stloc.0 to ldloc.3 have the variable in their name.
    private static int? ShortLocal(OpCode code) =>
        code.Name is ['s' or 'l', 't' or 'd', 'l', 'o', 'c', '.', >= '0' and <= '3' and var digit] ? digit - '0' : null;
}
