using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using TorchSharp;

namespace AltClip.Architecture;

/// <summary>
/// Whether methods hold the numbers of libtorch that they or TorchSharp make, until libtorch has read them: in a variable that is disposed, or in a
/// field. Any other the garbage collector may free before.
/// </summary>
internal sealed class HeldScalars
{
    /// <summary>
    /// A compiled script's call makes numbers only of numbers among its arguments, which are boxed. It takes a <see cref="Scalar"/>, which is then its caller's.
    /// </summary>
    private const string ScriptCall = nameof(torch.jit.ScriptModule.invoke);

    private static readonly Type[] MadeIntoScalars = [typeof(long), typeof(double), typeof(float)];

    private readonly HashSet<MethodBase> _careless;

    /// <summary>Finds which methods of TorchSharp make a number inside and don't hold it, or call one that does.</summary>
    public HeldScalars()
    {
        var calls = CompiledMethod.Of(typeof(torch).Assembly.GetTypes())
            .Select(method => (Method: method, Code: CompiledMethod.Instructions(method).ToList())).ToList();
        _careless = [.. calls.Where(call => Unheld(call.Method, call.Code).Any()).Select(call => call.Method)];
        var callers = calls.SelectMany(call => call.Code.Select(instruction => (Called: instruction.Member as MethodBase, call.Method)))
            .Where(call => call.Called is not null).ToLookup(call => call.Called!, call => call.Method);
        for (var found = _careless.ToList(); found.Count > 0;) found = [.. found.SelectMany(called => callers[called]).Where(_careless.Add)];
    }

    /// <summary>What a method does that may give libtorch a number which is freed already.</summary>
    public IEnumerable<string> Faults(MethodBase method)
    {
        var code = CompiledMethod.Instructions(method).ToList();
        var boxes = code.Any(instruction => instruction.Code == OpCodes.Box && MadeIntoScalars.Contains(instruction.Member));
        var careless = code.Select(instruction => instruction.Member).OfType<MethodBase>()
            .Where(called => _careless.Contains(called) && (boxes || !IsScriptCall(called)));
        return careless.Concat(Unheld(method, code)).Select(called => $"{method.DeclaringType}.{method.Name}: {called.DeclaringType}.{called}");
    }

    private static bool IsScriptCall(MethodBase method) => method.DeclaringType == typeof(torch.jit.ScriptModule) && method.Name == ScriptCall;

    private static IEnumerable<MethodBase> Unheld(MethodBase method, List<Instruction> code) =>
        from at in Enumerable.Range(0, code.Count)
        let called = code[at].Member as MethodBase
        where called is not null && Makes(called) && !IsHeld(method, code, at + 1)
        select called;

    /// <summary>Whether a method gives its caller a number that it makes. What a property has is someone's.</summary>
    private static bool Makes(MethodBase method) => method is MethodInfo made
        ? made.ReturnType == typeof(Scalar) && !made.Name.StartsWith("get_", StringComparison.Ordinal)
        : method.DeclaringType == typeof(Scalar) && !method.IsStatic;

    /// <summary>Whether an instruction holds the number that the one before it made, or gives it to a caller, who is to hold it.</summary>
    private static bool IsHeld(MethodBase method, List<Instruction> code, int at)
    {
        var next = code[at];
        if (next.Code == OpCodes.Ret) return Makes(method);
        if (next.Code == OpCodes.Stfld || next.Code == OpCodes.Stsfld)
            return !next.Member!.DeclaringType!.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);
        if (!next.IsStoreOf(next.Local)) return false;
        var use = code.Skip(at + 1).TakeWhile(instruction => !instruction.IsStoreOf(next.Local)).ToList();
        return use.Zip(use.Skip(1)).Any(pair => pair.First.IsLoadOf(next.Local) && pair.Second.Member is MethodInfo { Name: nameof(IDisposable.Dispose) });
    }
}
