using System.CommandLine;
using System.Data.Common;
using AltClip.Search;
using AltClip.Search.DuckDB;
using AltClip.Search.Postgres;

namespace AltClip.Cli;

/// <summary><c>--store</c> of the commands that index and search.</summary>
internal sealed class StoreOption : Option<string?>
{
    /// <summary>Where the store is if the option isn't given; a password is better kept here than typed.</summary>
    public const string Variable = "ALTCLIP_STORE";

    private const string DefaultFile = "altclip.duckdb";

    private static readonly ImageStores Stores = new ImageStores().AddDuckDB().AddPostgres();

    public StoreOption() : base("--store", "-s")
    {
        Description = $"Where embeddings are kept: {Stores}. Default: ${Variable}, else {DefaultFile}.";
        HelpName = "FILE|CONNECTION";
    }

    /// <summary>Whether neither the option nor the variable names a store.</summary>
    public bool IsDefault(ParseResult parsed) => parsed.GetValue(this) is null && OfEnvironment is null;

    /// <summary>The file or connection string that was asked for.</summary>
    public string Read(ParseResult parsed) => parsed.GetValue(this) ?? OfEnvironment ?? DefaultFile;

    /// <summary>The name of the file that has the embeddings of a folder where nothing else is asked for.</summary>
    public static string FileIn(string folder) => Path.Combine(folder, DefaultFile);

    /// <summary>Opens a store.</summary>
    /// <param name="place">A file or connection string.</param>
    /// <param name="model">The model; null for whatever the store has.</param>
    /// <param name="readOnly">Whether it is only read.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <exception cref="ImageStoreNotFoundException">There is none to read.</exception>
    /// <exception cref="ImageStoreException">It can't be opened.</exception>
    public static async Task<IImageStore> OpenAsync(string place, EmbeddingModel? model, bool readOnly, CancellationToken cancellationToken)
    {
        try
        {
            return await Stores.OpenAsync(place, model, new ImageStoreOptions { ReadOnly = readOnly }, cancellationToken);
        }
        catch (ImageStoreNotFoundException e)
        {
            throw new ImageStoreNotFoundException($"{e.Message} To make it: {CliConsole.ToolName} index FOLDER.");
        }
        catch (DbException e)
        {
            throw StoreErrors.Explain(place, e);
        }
    }

    private static string? OfEnvironment => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } place ? place : null;
}
