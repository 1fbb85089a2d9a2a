namespace AltClip.Inference.Kernels.Panels;

/// <summary>The registers in which Linux passes whole numbers and addresses, first to last: rdi, rsi, rdx, rcx, r8, r9.</summary>
internal enum Register
{
    Argument1 = 7,
    Argument2 = 6,
    Argument3 = 2,
    Argument4 = 1,
    Argument5 = 8,
    Argument6 = 9,
}
