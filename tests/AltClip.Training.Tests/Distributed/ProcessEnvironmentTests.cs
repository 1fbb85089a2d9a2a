using AltClip.Training.Distributed;
using Xunit;

namespace AltClip.Training.Tests;

public sealed class ProcessEnvironmentTests
{
    [Fact]
    public void TorchrunsVariablesAreRead() =>
        Assert.Equal(
            new ProcessGroupOptions { Rank = 2, WorldSize = 4, LocalRank = 1, MasterAddress = "node7", MasterPort = 29400 },
            Read("WORLD_SIZE=4 RANK=2 LOCAL_RANK=1 MASTER_ADDR=node7 MASTER_PORT=29400 SLURM_STEP_NUM_TASKS=8 SLURM_PROCID=7"));

    [Fact]
    public void SlurmsVariablesAreRead()
    {
        const string step = "SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=3 SLURM_STEP_NODELIST=rack1-[07-09,12],login SLURM_STEP_NUM_NODES=3 SLURM_JOB_ID=815 SLURM_STEP_ID=2";
        var options = Read(step)!;
        Assert.Equal((3, 4, "rack1-07", null), (options.Rank, options.WorldSize, options.MasterAddress, options.LocalRank));
        Assert.Equal(1, Read(step + " SLURM_LOCALID=1")!.LocalRank);
        Assert.InRange(options.MasterPort, 1024, 32767);
        Assert.NotEqual(options.MasterPort, Read(step.Replace("STEP_ID=2", "STEP_ID=3"))!.MasterPort);
        Assert.NotEqual(options.MasterPort, Read(step.Replace("JOB_ID=815", "JOB_ID=816"))!.MasterPort);
        Assert.Equal("127.0.0.1", Read(step.Replace("NUM_NODES=3", "NUM_NODES=1"))!.MasterAddress);
        Assert.Equal(("10.0.0.1", 4000), (Read(step + " MASTER_ADDR=10.0.0.1 MASTER_PORT=4000")!.MasterAddress, Read(step + " MASTER_PORT=4000")!.MasterPort));
    }

    [Theory]
    [InlineData("")]
    [InlineData("WORLD_SIZE=1")]
    [InlineData("SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0 SLURM_STEP_NUM_NODES=1 SLURM_JOB_ID=8")]
    [InlineData("SLURM_NTASKS=4 SLURM_PROCID=0 SLURM_JOB_ID=8")] // a batch script, which srun has not started
    public void OneProcessIsNoGroup(string variables) => Assert.Null(Read(variables));

    [Theory]
    [InlineData("WORLD_SIZE=2", "RANK")]
    [InlineData("WORLD_SIZE=two", "'two'")]
    [InlineData("WORLD_SIZE=2 RANK=1 LOCAL_RANK=first MASTER_ADDR=a MASTER_PORT=1", "'first'")]
    [InlineData("WORLD_SIZE=0 RANK=0", "WORLD_SIZE is 0")]
    [InlineData("WORLD_SIZE=2 RANK=2 MASTER_ADDR=a MASTER_PORT=1", "RANK is 2")]
    [InlineData("WORLD_SIZE=2 RANK=1 MASTER_PORT=1", "MASTER_ADDR")]
    [InlineData("WORLD_SIZE=2 RANK=1 MASTER_ADDR=a", "MASTER_PORT")]
    [InlineData("WORLD_SIZE=2 RANK=1 MASTER_ADDR=a MASTER_PORT=70000", "70000")]
    [InlineData("SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1 SLURM_JOB_ID=8", "SLURM_STEP_NODELIST")]
    [InlineData("SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1 SLURM_JOB_ID=8 SLURM_STEP_NODELIST=a[", "a[")]
    [InlineData("SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1 SLURM_JOB_ID=8 SLURM_STEP_NODELIST=a[]", "a[]")]
    [InlineData("SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1 SLURM_JOB_ID=8 SLURM_STEP_NODELIST=,b", ",b")]
    public void WhatHasNoSenseIsNamed(string variables, string named) =>
        Assert.Contains(named, Assert.Throws<ArgumentException>(() => Read(variables)).Message);

    [Theory]
    [InlineData("node1", "node1")]
    [InlineData("node1,node2", "node1")]
    [InlineData("node[1-4]", "node1")]
    [InlineData("node[004,006-008].cluster,other", "node004.cluster")]
    [InlineData("r[2-3]n[05-06]", "r2n05")]
    public void TheFirstNodeIsRankZeros(string list, string first) => Assert.Equal(first, SlurmNodeList.First(list));

    private static ProcessGroupOptions? Read(string variables)
    {
        var values = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return ProcessEnvironment.Read(name => values.GetValueOrDefault(name));
    }
}
