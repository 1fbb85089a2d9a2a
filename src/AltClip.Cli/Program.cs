using AltClip.Cli;

var console = CliConsole.Process;
return (int)await CommandLine.RunAsync(args, console, Interruption.Watch(console));
