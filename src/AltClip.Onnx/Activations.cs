using AltClip.Configuration;

namespace AltClip.Onnx;

/// <summary>The activation functions that a configuration may name.</summary>
internal static class Activations
{
    public static string Activation(this GraphBuilder graph, string x, ActivationFunction function)
    {
        return function switch
        {
            ActivationFunction.Gelu => Times(Times(x, Plus(Apply("Erf", graph.Node("Div", [x, graph.Number(Math.Sqrt(2))])), graph.Number(1))), graph.Number(0.5)),
            ActivationFunction.GeluNew or ActivationFunction.GeluPytorchTanh => TanhGelu(),
            ActivationFunction.QuickGelu => Times(x, Apply("Sigmoid", Times(x, graph.Number(1.702)))),
            ActivationFunction.Relu => Apply("Relu", x),
            ActivationFunction.Selu => Apply("Selu", x),
            ActivationFunction.Silu => Times(x, Apply("Sigmoid", x)),
            ActivationFunction.Mish => Times(x, Apply("Tanh", Apply("Softplus", x))),
            ActivationFunction.Tanh => Apply("Tanh", x),
            _ => throw new ArgumentOutOfRangeException(nameof(function), function, "Not an activation function."),
        };

        string TanhGelu()
        {
            // x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
            var cube = Times(Times(x, x), x);
            var inner = Times(Plus(x, Times(cube, graph.Number(0.044715))), graph.Number(Math.Sqrt(2 / Math.PI)));
            return Times(Times(x, graph.Number(0.5)), Plus(Apply("Tanh", inner), graph.Number(1)));
        }

        string Apply(string operation, string value) => graph.Node(operation, [value]);
        string Times(string a, string b) => graph.Node("Mul", [a, b]);
        string Plus(string a, string b) => graph.Node("Add", [a, b]);
    }
}
