using AltClip.Conformance;
using Xunit;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public class TokenizerConformanceTests
{
    [Fact]
    public void Every_reference_case_holds()
    {
        GroupReport report = TokenizerGroup.Run(TestData.Path("tokenizer"));

        Assert.Empty(report.Failures);
        Assert.True(report.Cases > 36_000, $"only {report.Cases} cases ran");
    }
}
