using System.CommandLine;

namespace AltClip.Cli.Commands;

/// <summary><c>--no-quotes</c></summary>
internal sealed class QuotesOption : Option<bool>
{
    public QuotesOption() : base("--no-quotes") =>
        Description = "Quotation marks in .csv and .tsv are text like any other; else a field that begins with one ends with one.";
}
