// A page that finds pictures by a text in any language or by a picture. Run from the repository's root:
//   dotnet run -c Release --project samples/ImageSearch
//   dotnet run -c Release --project samples/ImageSearch -- --folder ~/Pictures --model BAAI/AltCLIP
using AltClip;
using ImageSearch;

if (Arguments.AskForHelp(args))
{
    Console.WriteLine(Arguments.Help);
    return 0;
}
try
{
    await using var app = ImageSearchApp.Build(args);
    await app.StartAsync();
    Console.WriteLine($"Open {app.Urls.First()} in a browser; Ctrl+C ends.");
    await app.WaitForShutdownAsync();
    return 0;
}
catch (OperationCanceledException)
{
    return 0; // Ctrl+C while it started
}
catch (Exception e) when (e is AltClipException or IOException or ArgumentException or InvalidOperationException or NotSupportedException
    or UnauthorizedAccessException or System.Data.Common.DbException or Microsoft.Extensions.Options.OptionsValidationException)
{
    Console.Error.WriteLine($"ImageSearch: {e.Message}");
    return 1;
}
