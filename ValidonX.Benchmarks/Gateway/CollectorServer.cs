using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>A collector that takes and forgets everything that is exported to it (OTLP over HTTP).</summary>
internal static class CollectorServer
{
    /// <summary>Serves until the process ends.</summary>
    public static Task ServeAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.ListenLocalhost(port, listen => listen.Protocols = HttpProtocols.Http1));
        var app = builder.Build();
        app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Response.ContentType = "application/x-protobuf";
        });
        return app.RunAsync();
    }
}
