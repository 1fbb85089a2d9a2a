using System.Globalization;
using AltClip.Tests;
using k8s;
using k8s.Models;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>The manifests, read as the API server's types, and what the API server would refuse beyond types.</summary>
public sealed class KubernetesTests
{
    private const string GpuMark = "#gpu ";

    private static readonly string Folder = Path.GetFullPath(TestData.Path("..", "..", "deploy", "kubernetes"));

    public static TheoryData<string, bool> Manifests => new() { { "altclip-embed.yaml", false }, { "altclip-embed.yaml", true }, { "altclip-embed-verify.yaml", false } };

    [Fact]
    public void AllManifestsAreTested() => Assert.Equal(
        Directory.GetFiles(Folder, "*.yaml").Select(Path.GetFileName).Order(), Manifests.Select(row => row.Data.Item1).Distinct().Order());

    [Fact]
    public void UnknownFieldsWouldBeSeen()
    {
        var wrong = Text("altclip-embed.yaml", gpu: false).Replace("backoffLimitPerIndex", "backOffLimitPerIndex");
        Assert.Contains("backOffLimitPerIndex", Assert.ThrowsAny<Exception>(() => Load(wrong)).ToString());
    }

    [Fact]
    public void TheJobIsIndexedAndSurvivesItsWorkers()
    {
        var spec = Job("altclip-embed.yaml").Spec;
        Assert.Equal("Indexed", spec.CompletionMode);
        Assert.InRange(spec.Parallelism!.Value, 1, spec.Completions!.Value);
        Assert.True(spec.BackoffLimitPerIndex > 0);
        Assert.InRange(spec.MaxFailedIndexes!.Value, 0, spec.Completions.Value);
        Assert.Null(spec.BackoffLimit); // would count all shards' failures together
        // Both the failure policy and limits for each index ask for it.
        Assert.Equal("Never", spec.Template.Spec.RestartPolicy);
        Assert.Contains(spec.PodFailurePolicy.Rules, rule => rule is { Action: "Ignore", OnPodConditions: [{ Type: "DisruptionTarget", Status: "True" }] });
        var fatal = Assert.Single(spec.PodFailurePolicy.Rules, rule => rule.OnExitCodes is not null);
        Assert.Equal(("FailJob", "In", "altclip"), (fatal.Action, fatal.OnExitCodes.OperatorProperty, fatal.OnExitCodes.ContainerName));
        Assert.Equal([(int)ExitCode.WrongUsage], fatal.OnExitCodes.Values);
    }

    [Fact]
    public void WorkersFindTheirShards()
    {
        var spec = Job("altclip-embed.yaml").Spec;
        var environment = spec.Template.Spec.Containers[0].Env.ToDictionary(variable => variable.Name);
        Assert.Equal(
            "metadata.annotations['batch.kubernetes.io/job-completion-index']", environment["JOB_COMPLETION_INDEX"].ValueFrom.FieldRef.FieldPath);
        Assert.Equal(spec.Completions!.Value.ToString(CultureInfo.InvariantCulture), environment[Shard.CountVariable].Value);
        Assert.Equal("limits.cpu", environment["OMP_NUM_THREADS"].ValueFrom.ResourceFieldRef.Resource);
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void TheCommandLineIsUnderstood(string name, bool gpu)
    {
        var arguments = Job(name, gpu).Spec.Template.Spec.Containers[0].Args;
        Assert.Empty(CommandLine.Create(CliConsole.Process).Parse([.. arguments]).Errors);
        Assert.Contains("--accept-failures", arguments);
        Assert.Equal(gpu, arguments.Contains("--device=cuda"));
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void VolumesAndResourcesFitTogether(string name, bool gpu)
    {
        var pod = Job(name, gpu).Spec.Template.Spec;
        var container = Assert.Single(pod.Containers);
        Assert.Equal(pod.Volumes.Select(volume => volume.Name).Order(), container.VolumeMounts.Select(mount => mount.Name).Order());
        Assert.All(pod.Volumes, volume => Assert.True(volume.PersistentVolumeClaim is not null ^ volume.EmptyDir is not null));
        foreach (var path in container.Args.Where(argument => argument.Contains('/')))
            Assert.Contains(container.VolumeMounts, mount => path[(path.IndexOf('=') + 1)..].StartsWith(mount.MountPath, StringComparison.Ordinal));
        foreach (var (resource, requested) in container.Resources.Requests)
            Assert.True(requested.ToDecimal() > 0 && requested.ToDecimal() <= container.Resources.Limits[resource].ToDecimal());
        Assert.Equal(gpu, container.Resources.Limits.ContainsKey("nvidia.com/gpu"));
        Assert.Equal(gpu, container.Image.EndsWith("-cuda", StringComparison.Ordinal));
        Assert.True(pod.SecurityContext.RunAsNonRoot);
    }

    [Fact]
    public void ResultsAreClaimedForManyWriters()
    {
        var claim = Load(Text("altclip-embed.yaml", gpu: false)).OfType<V1PersistentVolumeClaim>().Single();
        Assert.Equal(["ReadWriteMany"], claim.Spec.AccessModes);
        foreach (var name in new[] { "altclip-embed.yaml", "altclip-embed-verify.yaml" })
            Assert.Contains(Job(name).Spec.Template.Spec.Volumes, volume => volume.PersistentVolumeClaim?.ClaimName == claim.Metadata.Name);
    }

    private static V1Job Job(string name, bool gpu = false) => Assert.Single(Load(Text(name, gpu)).OfType<V1Job>());

    private static List<object> Load(string yaml) => KubernetesYaml.LoadAllFromString(yaml, strict: true);

    // With GPUs, the marked lines count, and each takes the place of a line of the same name right before it.
    private static string Text(string name, bool gpu)
    {
        List<string> lines = [];
        foreach (var line in File.ReadAllLines(Path.Combine(Folder, name)))
        {
            if (!line.StartsWith(GpuMark, StringComparison.Ordinal))
            {
                lines.Add(line);
                continue;
            }
            if (!gpu) continue;
            var marked = line[GpuMark.Length..];
            if (!marked.TrimStart().StartsWith('-') && lines[^1].TrimStart().Split(':')[0] == marked.TrimStart().Split(':')[0]) lines.RemoveAt(lines.Count - 1);
            lines.Add(marked);
        }
        return string.Join('\n', lines);
    }
}
