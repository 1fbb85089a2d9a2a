using System.Reflection;
using Xunit;

namespace AltClip.Architecture;

public sealed class ScalarTests
{
    private static readonly Lazy<HeldScalars> Scalars = new(() => new HeldScalars());

    public static TheoryData<string> Held => Names(typeof(ScalarSamples.Held));

    public static TheoryData<string> Unheld => Names(typeof(ScalarSamples.Unheld));

    [Fact]
    public void NumbersAreHeldUntilLibtorchHasReadThem()
    {
        var libraries = Directory.GetDirectories(LayerTests.SourceFolder()).Select(folder => Assembly.Load(Path.GetFileName(folder)));
        List<string> faults = [.. libraries.SelectMany(library => CompiledMethod.Of(library.GetTypes())).SelectMany(Scalars.Value.Faults)];
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory]
    [MemberData(nameof(Held))]
    public void AMethodThatHoldsThemPasses(string name) => Assert.Equal([], Faults(typeof(ScalarSamples.Held), name));

    [Theory]
    [MemberData(nameof(Unheld))]
    public void AMethodThatDoesNotIsFound(string name) => Assert.NotEmpty(Faults(typeof(ScalarSamples.Unheld), name));

    private static IEnumerable<string> Faults(Type samples, string name) => Scalars.Value.Faults(samples.GetMethod(name)!);

    private static TheoryData<string> Names(Type samples) =>
        [.. samples.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Select(method => method.Name)];
}
