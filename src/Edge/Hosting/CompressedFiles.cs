using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;

namespace AkkaChat.Edge.Hosting;

/// <summary>
/// Static files that the build has compressed: <c>app.js.br</c> and <c>app.js.gz</c> beside <c>app.js</c>. What a client accepts is served under the
/// name of the original, with an ETag of its own, since it is another representation. Nothing is compressed while a request waits, and nothing
/// that depends on the user is compressed at all: its length would tell of it (BREACH).
/// </summary>
internal sealed class CompressedFiles(IFileProvider files) : IContentTypeProvider
{
    // The smallest first.
    private static readonly (string Coding, string Suffix)[] Codings = [("br", ".br"), ("gzip", ".gz")];

    private readonly FileExtensionContentTypeProvider _types = new();

    /// <summary>Sends the request on to the compressed file, where there is one that the client accepts.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if ((HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && context.GetEndpoint()?.RequestDelegate is null)
        {
            var path = request.Path.Value ?? string.Empty;
            var accepted = request.GetTypedHeaders().AcceptEncoding;
            var best = Codings.Where(coding => Quality(accepted, coding.Coding) > 0 && files.GetFileInfo(path + coding.Suffix).Exists)
                .OrderByDescending(coding => Quality(accepted, coding.Coding)).FirstOrDefault();
            if (best.Suffix is { } suffix)
            {
                request.Path = path + suffix;
            }
        }

        return next(context);
    }

    /// <summary>The type of the original: a browser decodes before it looks.</summary>
    public bool TryGetContentType(string subpath, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out string contentType) =>
        _types.TryGetContentType(Original(subpath).Name, out contentType);

    public void SetHeaders(StaticFileResponseContext context)
    {
        var (name, coding) = Original(context.File.Name);
        var path = context.Context.Request.Path.Value ?? string.Empty;
        var folder = path[..(path.LastIndexOf('/') + 1)];
        if (coding is not null)
        {
            context.Context.Response.Headers.ContentEncoding = coding;
        }

        // The original too: a cache must not hand it to everybody.
        if (Codings.Any(known => files.GetFileInfo(folder + name + known.Suffix).Exists))
        {
            context.Context.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        }
    }

    private static (string Name, string? Coding) Original(string path)
    {
        var (coding, suffix) = Array.Find(Codings, known => path.EndsWith(known.Suffix, StringComparison.Ordinal));
        return coding is null ? (path, null) : (path[..^suffix.Length], coding);
    }

    private static double Quality(IList<StringWithQualityHeaderValue> accepted, string coding)
    {
        var named = accepted.FirstOrDefault(value => value.Value.Equals(coding, StringComparison.OrdinalIgnoreCase))
                    ?? accepted.FirstOrDefault(value => value.Value == "*");
        return named is null ? 0 : named.Quality ?? 1;
    }
}
