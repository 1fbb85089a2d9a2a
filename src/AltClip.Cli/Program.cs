using System.CommandLine;
using AltClip.Cli;

var root = new RootCommand("Compares pictures with texts in 100 languages (AltCLIP, arXiv 2211.06679).")
{
    ClassifyCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
