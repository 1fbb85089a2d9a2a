using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>Which share a worker takes.</summary>
public sealed class ShardTests
{
    [Fact]
    public void CountsFromZero()
    {
        Assert.Equal(new Shard(0, 16), Shard.Parse("0/16"));
        Assert.Equal(new Shard(15, 16), Shard.Parse("15/16"));
        Assert.Equal("shard-00015-of-00016", new Shard(15, 16).Name);
    }

    [Theory]
    [InlineData("16/16")]
    [InlineData("-1/16")]
    [InlineData("1")]
    [InlineData("1/2/3")]
    [InlineData("a/b")]
    [InlineData("0/0")]
    [InlineData(" 1/2")]
    [InlineData("0/100001")]
    public void WhatIsNoShardIsRefused(string text) =>
        Assert.Contains(text, Assert.Throws<ArgumentException>(() => Shard.Parse(text)).Message);

    [Theory]
    [InlineData("3/16", "JOB_COMPLETION_INDEX=3 ALTCLIP_SHARDS=16")]
    [InlineData("3/16", "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_COUNT=16")]
    [InlineData("2/16", "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=16")]
    [InlineData("1/4", "SLURM_ARRAY_TASK_ID=15 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_STEP=5 SLURM_ARRAY_TASK_COUNT=4")]
    [InlineData("7/16", "SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_COUNT=2 ALTCLIP_SHARDS=16")]
    [InlineData(null, "SLURM_JOB_ID=5")]
    [InlineData(null, "JOB_COMPLETION_INDEX= SLURM_ARRAY_TASK_ID=")]
    public void SchedulersSayIt(string? expected, string variables) =>
        Assert.Equal(expected is null ? null : Shard.Parse(expected), Shard.FromEnvironment(Lookup(variables)));

    [Theory]
    [InlineData("ALTCLIP_SHARDS", "JOB_COMPLETION_INDEX=3")]
    [InlineData("100000 at most", "JOB_COMPLETION_INDEX=3 ALTCLIP_SHARDS=100001")]
    [InlineData("expected 0 to 15", "JOB_COMPLETION_INDEX=16 ALTCLIP_SHARDS=16")]
    [InlineData("'x'", "JOB_COMPLETION_INDEX=x ALTCLIP_SHARDS=16")]
    [InlineData("SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_ID=3")]
    [InlineData("steps of 2", "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_COUNT=2")]
    [InlineData("expected 0 to 1", "SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_COUNT=2")]
    public void WhatTheyCannotMeanIsRefused(string expected, string variables) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => Shard.FromEnvironment(Lookup(variables))).Message);

    private static Func<string, string?> Lookup(string variables) =>
        variables.Split(' ').Select(variable => variable.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]).GetValueOrDefault;
}
