using static TorchSharp.torch;

namespace AltClip.Shared;

/// <summary>Refuses arguments by their name, saying what was found and what was expected.</summary>
internal static class Check
{
    public static void Rank(Tensor tensor, string name, string layout, int rank)
    {
        if (tensor.dim() != rank) throw Unexpected(tensor, name, layout);
        if (tensor.numel() == 0) throw new ArgumentException($"The shape is {Text(tensor.shape)}: empty.", name);
    }

    /// <summary>Checks rank and sizes; a size of null may be anything but zero.</summary>
    public static void Shape(Tensor tensor, string name, string layout, params long?[] sizes)
    {
        Rank(tensor, name, layout, sizes.Length);
        for (var i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] is { } size && tensor.shape[i] != size)
                throw Unexpected(tensor, name, $"{layout} = [{string.Join(", ", sizes.Select(s => s?.ToString() ?? "any"))}]");
        }
    }

    /// <summary>Checks that a tensor holds whole numbers of at least 0 and below <paramref name="count"/>.</summary>
    public static void Ids(Tensor tensor, string name, long count, string countName)
    {
        if (tensor.dtype is not (ScalarType.Int64 or ScalarType.Int32))
            throw new ArgumentException($"The type is {tensor.dtype}; expected Int64 or Int32.", name);
        using var scope = NewDisposeScope();
        var (least, greatest) = (tensor.min().ToInteger(), tensor.max().ToInteger());
        if (least < 0 || greatest >= count)
            throw new ArgumentException($"The value {(least < 0 ? least : greatest)} is outside 0..{count - 1} ({countName} is {count}).", name);
    }

    public static void FloatingPoint(Tensor tensor, string name)
    {
        if (!tensor.is_floating_point())
            throw new ArgumentException($"The type is {tensor.dtype}; expected floating point.", name);
    }

    /// <summary>Checks that there is something in a list, and nothing null.</summary>
    /// <param name="items">The list.</param>
    /// <param name="name">The name of the argument.</param>
    /// <param name="what">What one of them is called.</param>
    public static void Items<T>(IReadOnlyList<T> items, string name, string what) where T : class
    {
        ArgumentNullException.ThrowIfNull(items, name);
        if (items.Count == 0) throw new ArgumentException($"There are no {what}s.", name);
        NoNulls(items, name, what);
    }

    /// <summary>Checks that nothing in a list, which may be empty, is null.</summary>
    /// <inheritdoc cref="Items"/>
    public static void NoNulls<T>(IReadOnlyList<T> items, string name, string what) where T : class
    {
        ArgumentNullException.ThrowIfNull(items, name);
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is null) throw new ArgumentException($"The {what} at index {i} is null.", name);
        }
    }

    public static string Text(long[] shape) => $"[{string.Join(", ", shape)}]";

    private static ArgumentException Unexpected(Tensor tensor, string name, string expected) =>
        new($"The shape is {Text(tensor.shape)}; expected {expected}.", name);
}
