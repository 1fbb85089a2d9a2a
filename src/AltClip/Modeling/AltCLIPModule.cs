using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>Base of this library's modules. Moving or converting one leaves none of its former parameters behind.</summary>
public abstract class AltCLIPModule : nn.Module
{
    private protected AltCLIPModule(string name) : base(name)
    {
    }

    /// <inheritdoc/>
    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        List<(nn.Module Module, string Name, Parameter Before)> parameters =
        [
            .. named_children().Select(child => child.module).Where(child => child is not AltCLIPModule).Prepend(this)
                .SelectMany(module => module.named_parameters(recurse: false).Select(p => (module, p.name, p.parameter))),
        ];
        base._toEpilog(dtype, device, non_blocking);
        foreach (var (module, name, before) in parameters)
        {
            if (ReferenceEquals(module.get_parameter(name), before)) continue;
            Skeleton.Uncount();
            before.Dispose();
        }
    }

    /// <summary>Puts a parameter in the place of another, which is disposed.</summary>
    private protected void Replace(ref Parameter field, Parameter value, string name)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (ReferenceEquals(field, value)) return;
        field.Dispose();
        field = (Parameter)value.DetachFromDisposeScope();
        ConditionallyRegisterParameter(name, field);
    }
}
