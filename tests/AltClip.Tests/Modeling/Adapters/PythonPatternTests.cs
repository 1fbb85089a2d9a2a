using AltClip.Modeling.Adapters;
using Xunit;

namespace AltClip.Tests;

/// <summary>Keys of rank_pattern and alpha_pattern, as Python's <c>re</c> reads them.</summary>
public sealed class PythonPatternTests
{
    [Theory]
    [InlineData("query", "text_model.layer.0.attention.self.query", true)]
    [InlineData("uery", "text_model.layer.0.attention.self.query", false)]
    [InlineData("layer.0", "text_model.layer.0.attention.self.query", false)]
    [InlineData("layer.0.*", "text_model.layer.0.attention.self.query", true)]
    [InlineData("0.attention.self.query", "text_model.layer.10.attention.self.query", false)]
    [InlineData(@"^text_model\..*\.query", "text_model.layer.0.query", true)]
    [InlineData(@"^layer\..*\.query", "text_model.layer.0.query", false)]
    [InlineData(@"(?P<part>q|v)_proj", "layers.0.v_proj", true)]
    [InlineData(@"(?P<n>\d)\.(?P=n)\.fc1", "layers.2.2.fc1", true)]
    [InlineData(@"(?P<n>\d)\.(?P=n)\.fc1", "layers.2.1.fc1", false)]
    // The first two groups are peft's own.
    [InlineData(@"(\d)\.\3\.fc1", "layers.2.2.fc1", true)]
    [InlineData(@"layers\.(?!1\.)\d+\.fc1", "layers.1.fc1", false)]
    [InlineData(@"layers\.(?!1\.)\d+\.fc1", "layers.11.fc1", true)]
    [InlineData(@"layers\.\d{,2}\.fc1", "layers.11.fc1", true)]
    [InlineData(@"layers\.\d{,2}\.fc1", "layers.111.fc1", false)]
    [InlineData("(?i:FC1)", "layers.1.fc1", true)]
    [InlineData(@"fc1\Z", "layers.1.fc1", true)]
    // In .NET this would be all letters but vowels.
    [InlineData("[a-z-[aeiou]_proj", "layers.1.q_proj", true)]
    [InlineData("[a-z-[aeiou]_proj", "layers.1.[_proj", true)]
    [InlineData("[a-z-[aeiou]_proj", "layers.1.-_proj", true)]
    [InlineData(@"[^\].]c1", "layers.1.fc1", true)]
    [InlineData("[]f]c1", "layers.1.]c1", true)]
    public void ItMatchesAsInPython(string key, string name, bool expected) => Assert.Equal(expected, PythonPattern.EndOfName(key).IsMatch(name));

    [Theory]
    [InlineData("(query")]
    [InlineData("query)")]
    [InlineData("[query")]
    [InlineData("a++")]
    [InlineData("(?i)query")]
    [InlineData(@"\p{L}+")]
    [InlineData("query\\")]
    [InlineData("(?<n>q)uery")]
    [InlineData(@"(?P<n>q)(u)\2ery")]
    [InlineData("(?(1)a|b)")]
    public void WhatPythonHasNotOrReadsOtherwiseIsRefused(string key) => Assert.ThrowsAny<ArgumentException>(() => PythonPattern.EndOfName(key));
}
