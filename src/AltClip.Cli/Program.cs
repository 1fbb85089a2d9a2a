using AltClip.Cli;
using AltClip.Imaging.Magick;

using var formats = MagickDecoders.Register();
var console = CliConsole.Process;
return (int)await CommandLine.RunAsync(args, console, Interruption.Watch(console));
