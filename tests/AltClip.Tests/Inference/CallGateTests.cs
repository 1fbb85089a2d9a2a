using AltClip.Inference;
using Xunit;

namespace AltClip.Tests;

public sealed class CallGateTests
{
    [Fact]
    public void TheLastCallFreesWhatWasClosedUnderIt()
    {
        var freed = 0;
        var gate = new CallGate(this, () => freed++);
        gate.Enter().Dispose();
        var (first, second) = (gate.Enter(), gate.Enter());
        gate.Close();
        Assert.Throws<ObjectDisposedException>(() => gate.Enter());
        first.Dispose();
        Assert.Equal(0, freed);
        second.Dispose();
        Assert.Equal(1, freed);
        gate.Close();
        Assert.Equal(1, freed);
    }

    [Fact]
    public void ClosingFreesAtOnceWhatNobodyUses()
    {
        var freed = 0;
        var gate = new CallGate(this, () => freed++);
        gate.Close();
        gate.Close();
        Assert.Equal(1, freed);
    }
}
