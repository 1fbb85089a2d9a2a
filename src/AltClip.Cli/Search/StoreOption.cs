using System.CommandLine;
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

    /// <summary>The file or connection string that was asked for.</summary>
    public string Read(ParseResult parsed) =>
        parsed.GetValue(this) ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable ? variable : DefaultFile);

    /// <summary>Opens the store for the model that was asked for.</summary>
    /// <exception cref="ImageStoreNotFoundException">There is none to read.</exception>
    /// <exception cref="ModelMismatchException">It has embeddings of another model.</exception>
    public async Task<IImageStore> OpenAsync(
        ParseResult parsed, ModelOption model, AltCLIPPipeline pipeline, ImageStoreOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var plain = EmbeddingModel.Of(pipeline, parsed.GetValue(model) ?? BuiltInModel.Name);
            return await Stores.OpenAsync(
                Read(parsed), new EmbeddingModel(plain.Id + model.Adapter.Suffix(parsed), plain.Dimensions), options, cancellationToken);
        }
        catch (ImageStoreNotFoundException e)
        {
            throw new ImageStoreNotFoundException($"{e.Message} To make it: {CliConsole.ToolName} index FOLDER.");
        }
    }
}
