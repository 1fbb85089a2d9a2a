using System.Diagnostics;
using AltClip.Faults.Places;
using AltClip.Faults.Scenarios;
using AltClip.Tests.Hub;

namespace AltClip.Faults;

/// <summary>Downloads from a server that sends a byte a second, or says nothing more: the command can be stopped at once, or gives up; what came is kept.</summary>
internal sealed class DripRun(Tool tool, ScenarioInputs inputs, FaultReport report)
{
    private const int Sent = 100_000;
    private const string Weights = "model.safetensors";
    private static readonly TimeSpan MostToStop = TimeSpan.FromSeconds(5);

    private readonly Download _download = new(inputs);

    public void Go()
    {
        using var place = new PlainPlace();
        Drip(place);
        Silence(place);
    }

    private void Drip(PlainPlace place)
    {
        place.Clear();
        report.Stopped("drip");
        inputs.Hub.Answer = request => IsWeights(request) ? inputs.Hub.Honest(request) with { StallAfter = Sent, Drips = true } : null;
        using var process = tool.Start(["env", "--default-signal=TERM"], _download.Environment(place.Folder), _download.Arguments(place.Folder));
        process.TimeUntil(() => Came(place) > Sent + 1);
        var time = Stopwatch.StartNew();
        Shell.Run("kill", "-TERM", $"{process.Id}");
        var result = process.Wait();
        if (result.Code != 130) report.Fault("drip", $"ended with {result.Code}: {result.Text}", []);
        if (time.Elapsed > MostToStop) report.Fault("drip", $"took {time.Elapsed.TotalSeconds:0} s to stop", []);
        if (Came(place) < Sent) report.Fault("drip", $"kept {Came(place)} of {Sent} bytes", []);
        GoOn(place, "drip");
    }

    private void Silence(PlainPlace place)
    {
        place.Clear();
        report.Stopped("silence");
        inputs.Hub.Answer = request => IsWeights(request) ? inputs.Hub.Honest(request) with { StallAfter = request["Range"] is null ? Sent : 0 } : null;
        var environment = new Dictionary<string, string>(_download.Environment(place.Folder)) { ["HF_HUB_DOWNLOAD_TIMEOUT"] = "1" };
        var result = tool.Run(environment, _download.Arguments(place.Folder));
        if (result.Code != 1) report.Fault("silence", $"ended with {result.Code}: {result.Text}", []);
        if (!result.Text.Contains(Weights, StringComparison.Ordinal)) report.Fault("silence", $"the message doesn't name the file: {result.Text}", []);
        if (Came(place) < Sent) report.Fault("silence", $"kept {Came(place)} of {Sent} bytes", []);
        GoOn(place, "silence");
    }

    /// <summary>From a good server the rest comes, and no more than that.</summary>
    private void GoOn(PlainPlace place, string name)
    {
        var ranges = new List<string?>();
        inputs.Hub.Answer = request =>
        {
            if (IsWeights(request)) ranges.Add(request["Range"]);
            return null;
        };
        var result = tool.Run(_download.Environment(place.Folder), _download.Arguments(place.Folder));
        inputs.Hub.Answer = _ => null;
        if (result.Code != 0) report.Fault(name, $"can't go on, ended with {result.Code}: {result.Text}", []);
        if (ranges is not [{ } range] || range == "bytes=0-") report.Fault(name, $"went on with {string.Join(", ", ranges.Select(asked => asked ?? "all"))}", []);
    }

    private static long Came(PlainPlace place)
    {
        try
        {
            return new DirectoryInfo(place.Folder).EnumerateFiles("*.incomplete", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (IOException)
        {
            return 0; // it has just got its name
        }
    }

    private static bool IsWeights(FakeRequest request) => request.Method == "GET" && request.Path.EndsWith(Weights, StringComparison.Ordinal);
}
