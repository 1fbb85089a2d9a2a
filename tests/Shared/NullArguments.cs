using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using TorchSharp;
using Xunit;

namespace AltClip.Tests;

/// <summary>Calls public constructors and static methods with null where they say that there is none.</summary>
internal static class NullArguments
{
    // What takes the place of a type parameter, the first that its constraints allow.
    private static readonly Type[] Arguments = [typeof(object), typeof(MemoryStream), typeof(int)];

    /// <summary>Fails where a call of an assembly does not refuse. Where another made-up argument is as wrong, it may be the one that is named.</summary>
    public static void AssertRefused(Assembly assembly)
    {
        var refusals = Refusals(assembly).ToList();
        Assert.Contains(refusals, refusal => refusal.Thrown is ArgumentNullException);
        var others = refusals.Where(refusal => refusal.Thrown is not ArgumentException).Select(refusal => $"{refusal.Name} -> {refusal.Thrown?.GetType().Name}").ToList();
        Assert.True(others.Count == 0, string.Join('\n', others));
    }

    /// <summary>What each call of an assembly threw, of which all other arguments can be made up.</summary>
    private static IEnumerable<(string Name, Exception? Thrown)> Refusals(Assembly assembly)
    {
        const BindingFlags own = BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var nullability = new NullabilityInfoContext();
        foreach (var type in assembly.GetExportedTypes().Where(type => !type.IsAssignableTo(typeof(Delegate))).Select(type => Closed(type, type.MakeGenericType)).OfType<Type>())
        {
            // .NET's own exceptions take messages that are null, and records, some of them values, hold what they are given.
            var constructors = type.IsAbstract || type.IsValueType || type.IsAssignableTo(typeof(Exception)) || type.GetMethod("<Clone>$") is not null ? [] : type.GetConstructors();
            var methods = type.GetMethods(own).Where(method => !method.IsSpecialName);
            foreach (var member in constructors.Concat<MethodBase>(methods.Select(method => Closed(method, method.MakeGenericMethod)).OfType<MethodInfo>()))
            {
                var parameters = member.GetParameters();
                foreach (var parameter in parameters.Where(parameter => !parameter.ParameterType.IsValueType && !parameter.ParameterType.IsByRef))
                {
                    if (nullability.Create(parameter).WriteState != NullabilityState.NotNull) continue;
                    object?[] arguments = [.. parameters.Select(other => other == parameter ? null : other.HasDefaultValue ? other.DefaultValue : MadeUp(other.ParameterType))];
                    if (arguments.Zip(parameters).Any(pair => pair.First is null && pair.Second != parameter && !pair.Second.HasDefaultValue)) continue;
                    yield return ($"{type.Name}.{member.Name}({string.Join(", ", parameters.Select(other => other.ParameterType.Name))}): {parameter.Name}", Record.Exception(() => Call(member, arguments)));
                }
            }
        }
    }

    private static void Call(MethodBase member, object?[] arguments)
    {
        const BindingFlags asItIs = BindingFlags.DoNotWrapExceptions;
        var result = member is ConstructorInfo constructor ? constructor.Invoke(asItIs, null, arguments, null) : member.Invoke(null, asItIs, null, arguments, null);
        if (result is Task task) task.GetAwaiter().GetResult();
    }

    private static T? Closed<T>(T open, Func<Type[], T> close) where T : MemberInfo
    {
        var parameters = open is Type { IsGenericTypeDefinition: true } type ? type.GetGenericArguments() : open is MethodInfo { IsGenericMethodDefinition: true } method ? method.GetGenericArguments() : [];
        if (parameters.Length == 0) return open;
        foreach (var arguments in Arguments.SelectMany(first => Arguments.Select(second => new[] { first, second }[..Math.Min(parameters.Length, 2)])))
        {
            try
            {
                return close(arguments);
            }
            catch (ArgumentException)
            {
                // The constraints allow others.
            }
        }
        return null;
    }

    private static object? MadeUp(Type type)
    {
        if (type == typeof(string)) return "x";
        if (type.IsByRef || type.IsPointer || type.IsByRefLike) return null; // reflection passes none of a span
        if (type.IsValueType) return Activator.CreateInstance(type);
        if (type == typeof(torch.Tensor)) return torch.zeros(1);
        if (type.IsArray) return Array.CreateInstance(type.GetElementType()!, 1);
        if (type.IsAssignableTo(typeof(Delegate))) return Nothing(type);
        if (type.IsInterface) return type.IsGenericType && type.IsAssignableFrom(type.GetGenericArguments()[0].MakeArrayType()) ? Array.CreateInstance(type.GetGenericArguments()[0], 1) : null;
        if (type.IsAbstract) return null;
        // Nothing may be asked of it before what is null is refused.
        var made = RuntimeHelpers.GetUninitializedObject(type);
        GC.SuppressFinalize(made);
        return made;
    }

    private static Delegate Nothing(Type type)
    {
        var invoke = type.GetMethod("Invoke")!;
        return Expression.Lambda(type, Expression.Default(invoke.ReturnType), invoke.GetParameters().Select(parameter => Expression.Parameter(parameter.ParameterType))).Compile();
    }
}
