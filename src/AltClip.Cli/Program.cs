using AltClip.Cli;
using AltClip.Imaging.Magick;

using var formats = MagickDecoders.Register();
var console = CliConsole.Process;
var code = await CommandLine.RunAsync(args, console, Interruption.Watch(console));
Interruption.EndIfRequested(console, code);
return (int)code;
