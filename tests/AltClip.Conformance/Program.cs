using AltClip.Conformance;

if (args.Length == 0)
{
    Console.Error.WriteLine($"usage: AltClip.Conformance FOLDER [{string.Join(' ', Groups.Names)}]");
    return 2;
}
var folder = args[0];
var names = args.Length > 1 ? args[1..] : [.. Groups.Names];
if (names.Except(Groups.Names).ToList() is { Count: > 0 } unknown)
{
    Console.Error.WriteLine($"Unknown group {string.Join(", ", unknown)}; there are {string.Join(", ", Groups.Names)}.");
    return 2;
}

var failed = false;
foreach (var name in names)
{
    var report = Groups.Run(name, folder);
    Console.WriteLine($"{report.Name,-15} {report.Cases,6} cases  worst difference {report.WorstDifference:g3}  {(report.Failures.Count == 0 ? "ok" : $"{report.Failures.Count} FAILED")}");
    foreach (var line in report.Failures.Concat(report.WithoutCode)) Console.WriteLine($"    {line}");
    if (report.Superseded > 0) Console.WriteLine($"    {report.Superseded} more are superseded by training2");
    failed |= report.Failures.Count > 0 || report.WithoutCode.Count > 0 || report.Cases == 0;
}
return failed ? 1 : 0;
