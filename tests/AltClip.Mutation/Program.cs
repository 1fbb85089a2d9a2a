using System.Diagnostics;
using AltClip.Mutation;

var arguments = MutationArguments.Parse(args);
if (arguments is null)
{
    Console.Error.WriteLine(MutationArguments.Usage);
    return 2;
}
var name = Path.GetFileName(arguments.Project);
var project = new MutatedProject(arguments.Project, arguments.File);
// A copy of the tests by links, in which the one assembly is exchanged.
var work = Directory.CreateTempSubdirectory("altclip-mutation-").FullName;
try
{
    var built = Path.Combine(arguments.Tests, "bin", "Release", "net10.0");
    Run("cp", TimeSpan.FromMinutes(5), "-as", $"{built}/.", work);
    var place = Path.Combine(work, $"{name}.dll");
    foreach (var own in Directory.GetFiles(built, $"{Path.GetFileName(arguments.Tests)}.*"))
        File.Copy(own, Unlinked(Path.Combine(work, Path.GetFileName(own))));
    project.Write(null, place);
    var time = Stopwatch.StartNew();
    if (Test(TimeSpan.FromMinutes(5)) != 0) throw new InvalidOperationException("The tests fail without a change.");
    var longest = TimeSpan.FromSeconds(30) + (time.Elapsed * 10);
    Mutant[] all = [.. Mutant.Of(project.Tree.GetRoot())];
    var (killed, survived, skipped) = (0, 0, 0);
    var step = Math.Max(1.0, (double)all.Length / arguments.Sample);
    for (var at = 0.0; at < all.Length; at += step)
    {
        var mutant = all[(int)at];
        if (!project.Write(mutant, place)) skipped++;
        else if (Test(longest) != 0) killed++;
        else
        {
            survived++;
            Console.WriteLine($"{arguments.File} {mutant}");
        }
    }
    Console.WriteLine($"{arguments.File}: {killed} killed, {survived} survived, {skipped} don't compile; of {all.Length} mutants");
    return 0;
}
finally
{
    Directory.Delete(work, recursive: true);
}

int Test(TimeSpan longest) => Run("dotnet", longest, [Path.Combine(work, $"{Path.GetFileName(arguments.Tests)}.dll"), "--filter-class", .. arguments.Classes, "--stop-on-fail", "on"]);

static string Unlinked(string path)
{
    File.Delete(path);
    return path;
}

static int Run(string program, TimeSpan longest, params string[] line)
{
    using var process = Process.Start(new ProcessStartInfo(program, line) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    process.OutputDataReceived += (_, _) => { };
    process.ErrorDataReceived += (_, _) => { };
    process.BeginOutputReadLine();
    process.BeginErrorReadLine();
    if (process.WaitForExit(longest)) return process.ExitCode;
    process.Kill(entireProcessTree: true);
    process.WaitForExit();
    return -1;
}
