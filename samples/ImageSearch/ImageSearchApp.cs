using Microsoft.AspNetCore.StaticFiles;

namespace ImageSearch;

/// <summary>The web app.</summary>
internal static class ImageSearchApp
{
    public const string DefaultUrl = "http://127.0.0.1:5080";

    // A page of somewhere else may have its own name lead here, and then would read all pictures (DNS rebinding).
    public const string DefaultHosts = "localhost;127.0.0.1;[::1]";

    public static WebApplication Build(string[] args)
    {
        // The page's files are beside the program, wherever it is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(Arguments.Read(args));
        if (string.IsNullOrEmpty(builder.Configuration["AllowedHosts"])) builder.Configuration["AllowedHosts"] = DefaultHosts;
        if (builder.Configuration["urls"] is { Length: > 0 } urls) RefuseMalformed(urls);
        else builder.WebHost.UseUrls(DefaultUrl);
        // What keeps the app from starting is told by the program.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        var section = builder.Configuration.GetSection("ImageSearch");
        var options = section.Get<ImageSearchOptions>() ?? new ImageSearchOptions();
        builder.Services.Configure<ImageSearchOptions>(section);
        builder.Services.AddAltClip(options.Resolve().Model);
        builder.Services.AddHealthChecks().AddAltClip();
        builder.Services.AddSingleton<Uploads>();
        builder.Services.AddSingleton<Thumbnails>();
        builder.Services.AddSingleton<PictureIndex>();
        builder.Services.AddHostedService(services => services.GetRequiredService<PictureIndex>());
        // What is longer is told to be so by the endpoint, as long as it isn't much.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 2 * options.MaxUploadBytes);

        var app = builder.Build();
        app.Use(AddSecurityHeaders);
        app.UseExceptionHandler(handler => handler.Run(context => context.Response.WriteAsJsonAsync(new ErrorAnswer("The server failed; its log says how."))));
        app.UseDefaultFiles();
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = AskAgain });
        app.MapHealthChecks("/health");
        SearchEndpoints.Map(app);
        return app;
    }

    /// <exception cref="ArgumentException">One is no address.</exception>
    private static void RefuseMalformed(string urls)
    {
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                BindingAddress.Parse(url);
            }
            catch (FormatException e)
            {
                throw new ArgumentException($"--urls is '{url}'; expected an address to listen at, such as {DefaultUrl}.", e);
            }
        }
    }

    // Nothing comes from elsewhere, and no picture is taken for something else.
    private static Task AddSecurityHeaders(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; connect-src 'self'; img-src 'self' blob:; script-src 'self'; style-src 'self'; "
            + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        return next(context);
    }

    private static void AskAgain(StaticFileResponseContext context) => context.Context.Response.Headers.CacheControl = "no-cache";
}
