using System.Globalization;
using AltClip;
using AltClip.Search;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.Options;

namespace ImageSearch;

/// <summary>What the page asks of the server.</summary>
internal static class SearchEndpoints
{
    private const int Results = 24;
    private const int MostResults = 200;
    private const int LongestText = 1000;

    private static readonly FileExtensionContentTypeProvider ContentTypes = new();

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/status", StatusAsync);
        routes.MapGet("/api/search", ByTextAsync);
        routes.MapPost("/api/search", ByPictureAsync);
        routes.MapGet("/api/similar", ByIdAsync);
        routes.MapGet("/api/pictures", SomeAsync);
        routes.MapGet("/picture", PictureAsync);
        routes.MapGet("/thumbnail", ThumbnailAsync);
    }

    private static async Task<StatusAnswer> StatusAsync(PictureIndex index, IOptions<ImageSearchOptions> options, CancellationToken stop) => new(
        index.Searcher.Store.Model.Id, options.Value.ModelNote, index.LeastScore, await index.Searcher.Store.CountAsync(stop), options.Value.Examples, options.Value.MaxUploadBytes, index.State);

    private static async Task<Results<Ok<SearchAnswer>, BadRequest<ErrorAnswer>>> ByTextAsync(
        PictureIndex index, string? q, CancellationToken stop, string? top = null)
    {
        if (string.IsNullOrWhiteSpace(q)) return Bad("Type what the picture shows.");
        if (q.Length > LongestText) return Bad($"The text is longer than {LongestText} characters.");
        if (BadTop(top, out var count) is { } bad) return bad;
        return Found(await index.Searcher.SearchAsync(q, count, stop));
    }

    private static async Task<Results<Ok<SearchAnswer>, BadRequest<ErrorAnswer>, JsonHttpResult<ErrorAnswer>>> ByPictureAsync(
        PictureIndex index, HttpContext context, Uploads uploads, CancellationToken stop, string? top = null)
    {
        if (BadTop(top, out var count) is { } bad) return bad;
        try
        {
            return Found(await uploads.WithPictureAsync(context, picture => index.Searcher.SearchAsync(picture, count, stop)));
        }
        catch (UploadException e)
        {
            return TypedResults.Json(new ErrorAnswer(e.Message), statusCode: (int)e.Status);
        }
        catch (ImageException e)
        {
            return Bad(e.Message);
        }
    }

    private static async Task<Results<Ok<SearchAnswer>, BadRequest<ErrorAnswer>, NotFound<ErrorAnswer>>> ByIdAsync(
        PictureIndex index, string? id, CancellationToken stop, string? top = null)
    {
        if (BadTop(top, out var count) is { } bad) return bad;
        var store = index.Searcher.Store;
        if (string.IsNullOrEmpty(id) || await store.GetAsync(id, stop) is not { } image) return NoPicture();
        return Found(await store.SearchAsync(image.Embedding, count, stop));
    }

    /// <summary>Pictures of the index in no order of their own, for a page where nothing was searched for yet.</summary>
    private static async Task<Results<Ok<SearchAnswer>, BadRequest<ErrorAnswer>>> SomeAsync(PictureIndex index, CancellationToken stop, string? top = null)
    {
        if (BadTop(top, out var count) is { } bad) return bad;
        var some = await index.Searcher.Store.ListAsync(stop).Take(count).Select(image => new FoundPicture(image.Id, null)).ToListAsync(stop);
        return TypedResults.Ok(new SearchAnswer(some));
    }

    private static async Task<Results<FileContentHttpResult, NotFound<ErrorAnswer>>> ThumbnailAsync(
        PictureIndex index, Thumbnails thumbnails, string? id, CancellationToken stop)
    {
        var file = string.IsNullOrEmpty(id) ? null : await index.FileAsync(id, stop);
        return file is not null && await thumbnails.GetAsync(file, stop) is { } thumbnail
            ? TypedResults.Bytes(thumbnail, "image/webp", lastModified: File.GetLastWriteTimeUtc(file)) : NoPicture();
    }

    private static async Task<Results<PhysicalFileHttpResult, NotFound<ErrorAnswer>>> PictureAsync(PictureIndex index, string? id, CancellationToken stop)
    {
        var file = string.IsNullOrEmpty(id) ? null : await index.FileAsync(id, stop);
        if (file is null || !ContentTypes.TryGetContentType(file, out var type) || !type.StartsWith("image/", StringComparison.Ordinal))
            return NoPicture();
        return TypedResults.PhysicalFile(file, type, lastModified: File.GetLastWriteTimeUtc(file));
    }

    // Read here, as the framework says nothing of a number that is none.
    private static BadRequest<ErrorAnswer>? BadTop(string? typed, out int count)
    {
        count = Results;
        return typed is null || int.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is > 0 and <= MostResults
            ? null : Bad($"top is {typed}; expected 1 to {MostResults}.");
    }

    private static Ok<SearchAnswer> Found(IReadOnlyList<ImageMatch> matches) => TypedResults.Ok(SearchAnswer.Of(matches));

    private static NotFound<ErrorAnswer> NoPicture() => TypedResults.NotFound(new ErrorAnswer("There is no such picture."));

    private static BadRequest<ErrorAnswer> Bad(string message) => TypedResults.BadRequest(new ErrorAnswer(message));
}
