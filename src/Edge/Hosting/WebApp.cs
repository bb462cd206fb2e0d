using AkkaChat.Edge.Http;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;
using Scalar.AspNetCore;

namespace AkkaChat.Edge.Hosting;

/// <summary>The single-page application. Read from <c>AkkaChat:Web</c>.</summary>
public sealed class WebOptions
{
    public const string SectionName = "AkkaChat:Web";

    /// <summary>The folder with the built files. Default: none, which means <c>wwwroot</c> beside the executable, where there is one.</summary>
    public string? Root { get; set; }
}

/// <summary>Serves the single-page application and the description of the REST interface.</summary>
internal static class WebApp
{
    private const string Hashed = "/assets";
    private const string Page = "index.html";

    /// <summary>Serves the built files, if there are any: <see cref="WebOptions.Root"/>, else <c>wwwroot</c> beside the executable.</summary>
    public static void UseWebApp(this WebApplication app)
    {
        if (Files(app) is { } files)
        {
            // The fallback's pattern does not match the empty path.
            app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
            app.Use(new CompressedFiles(files).InvokeAsync);
            app.UseStaticFiles(Options(files));
        }
    }

    /// <summary>Any other path that does not look like a file is a route of the application.</summary>
    public static void MapWebApp(this WebApplication app)
    {
        // GET and HEAD only: a fallback for every verb would turn the 405 and 415 of existing paths into 404.
        app.MapFallback("/api/{**path}", () => Problems.NotFound("There is no such address."))
            .WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head])).ExcludeFromDescription();
        if (Files(app) is { } files)
        {
            app.MapFallback(SendPage(app, files)).WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]));
        }
    }

    public static void MapApiDescription(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json");
        if (app.Environment.IsDevelopment())
        {
            app.MapScalarApiReference("/scalar");
        }
    }

    private static RequestDelegate SendPage(IEndpointRouteBuilder app, IFileProvider files)
    {
        var pipeline = app.CreateApplicationBuilder();
        pipeline.Use((context, next) =>
        {
            context.Request.Path = $"/{Page}";
            context.SetEndpoint(null); // else static files leave the request to it
            return next(context);
        });
        pipeline.Use(new CompressedFiles(files).InvokeAsync);
        pipeline.UseStaticFiles(Options(files));
        return pipeline.Build();
    }

    private static StaticFileOptions Options(IFileProvider files)
    {
        var compressed = new CompressedFiles(files);
        return new StaticFileOptions
        {
            FileProvider = files,
            ContentTypeProvider = compressed,
            OnPrepareResponse = context =>
            {
                compressed.SetHeaders(context);
                context.Context.Response.Headers.CacheControl = context.Context.Request.Path.StartsWithSegments(Hashed)
                    ? "public, max-age=31536000, immutable"
                    : "no-cache";
            },
        };
    }

    private static PhysicalFileProvider? Files(WebApplication app)
    {
        var root = app.Services.GetRequiredService<IOptions<WebOptions>>().Value.Root is { Length: > 0 } configured
            ? Path.GetFullPath(configured)
            : Path.Combine(AppContext.BaseDirectory, "wwwroot");
        return Directory.Exists(root) ? new PhysicalFileProvider(root) : null;
    }
}
