using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Architecture;

/// <summary>Methods that hold the numbers which they give libtorch, and methods that don't.</summary>
internal static class ScalarSamples
{
    internal static class Held
    {
        private static readonly Scalar One = 1;

        public static Tensor Product(Tensor tensor)
        {
            using Scalar half = 0.5;
            return tensor.mul_(half);
        }

        public static Tensor Between(Tensor tensor, double most)
        {
            using Scalar least = 0, greatest = most;
            return tensor.clamp(least, greatest);
        }

        public static Tensor Sum(Tensor a, Tensor b) => a.add(b, One) - b * a;

        public static double Value(Tensor tensor)
        {
            using var scalar = tensor.ToScalar();
            return scalar.ToDouble();
        }

        public static Tensor Script(jit.ScriptModule module, Tensor tensor, long count)
        {
            using Scalar scalar = count;
            return module.invoke<Tensor>("forward", tensor, scalar, true);
        }
    }

    internal static class Unheld
    {
        public static Tensor Product(Tensor tensor) => tensor.mul_(0.5);

        public static Tensor Sum(Tensor a, Tensor b) => a + b;

        public static Tensor Variable(Tensor tensor)
        {
            Scalar half = 0.5;
            tensor.mul_(half);
            return tensor.div_(half);
        }

        public static Tensor SecondOfTwo(Tensor tensor)
        {
            Scalar factor = 0.5;
            using (factor) tensor.mul_(factor);
            factor = 0.25;
            return tensor.mul_(factor);
        }

        public static Tensor Lambda(Tensor tensor)
        {
            Scalar half = 0.5;
            return Enumerable.Repeat(tensor, 2).Select(each => each.mul(half)).Last();
        }

        public static Tensor Several(Tensor tensor) => new Scalar[] { 0.5, 2 }.Aggregate(tensor, (product, factor) => product.mul(factor));

        public static double Value(Tensor tensor) => tensor.ToDouble();

        public static Func<Tensor, Tensor> Square() => square;

        public static Tensor Script(jit.ScriptModule module, Tensor tensor, long count) => module.invoke<Tensor>("forward", tensor, count);
    }
}
