using AltClip.Cli;

using var interruption = new Interruption();
return (int)await CommandLine.RunAsync(args, CliConsole.Process, interruption.Token);
