using AltClip;
using AltClip.Soak;
using AltClip.Tests;

var arguments = SoakArguments.Parse(args);
if (arguments is null)
{
    Console.Error.WriteLine(SoakArguments.Usage);
    return 2;
}
using var model = new TemporaryFolder();
SmallModel.Write(arguments.Data, model.Path);
var requests = SoakRequests.Good(arguments.Data);
SoakLane[] lanes = [.. Enum.GetValues<InferencePrecision>().Select(precision => new SoakLane(model.Path, precision, requests))];
try
{
    return new SoakRun(arguments, lanes, SoakRequests.Bad(arguments.Data)).Go(Console.Out) ? 0 : 1;
}
finally
{
    foreach (var lane in lanes) lane.Dispose();
}
