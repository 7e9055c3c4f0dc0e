using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Secrets;

namespace ValidonX.Tests.Gateway;

/// <summary>A small real server in place of a licensing API, which keeps what it was sent.</summary>
internal sealed class Upstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<ConnectionContext, bool> _connections = new();
    private volatile bool _isKilled;

    private Upstream(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public Uri Address { get; }

    /// <summary>Every request but health probes.</summary>
    public ConcurrentQueue<Received> Requests { get; } = new();

    /// <summary>The last one.</summary>
    public Received Last => Requests.Last();

    /// <summary>How it answers; by default 200 and a small body.</summary>
    public RequestDelegate Answer { get; set; } = context => context.Response.WriteAsync("""{"data":{}}""");

    /// <summary>Whether it says that it is ready.</summary>
    public bool IsReady { get; set; } = true;

    public static async Task<Upstream> StartAsync(RequestDelegate? answer = null, int port = 0, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        Upstream? upstream = null;
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, port, endpoint =>
        {
            endpoint.Use(next => connection => upstream!.ServeAsync(connection, next));
            if (certificate is not null)
            {
                endpoint.UseHttps(certificate);
            }
        }));
        var app = builder.Build();
        app.Run(context => upstream!.InvokeAsync(context));
        await app.StartAsync(TestContext.Current.CancellationToken);
        upstream = new Upstream(app);
        if (answer is not null)
        {
            upstream.Answer = answer;
        }

        return upstream;
    }

    /// <summary>Reads a signed context as the licensing API does.</summary>
    public static CallerContext? Verify(string? header) =>
        new CallerContextSigner(
            Options.Create(new PlatformSecrets { ContextSigningKey = GatewayPlatform.SigningKey }),
            TimeProvider.System).Verify(header);

    /// <summary>Ends it as <c>kill -9</c> does: requests under way and idle connections alike are cut.</summary>
    public void Kill()
    {
        _isKilled = true;
        foreach (var connection in _connections.Keys)
        {
            connection.Abort();
        }

        _ = _app.StopAsync(new CancellationToken(canceled: true));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        _connections[connection] = true;
        try
        {
            if (_isKilled)
            {
                connection.Abort();
            }

            await next(connection);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }

    private async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path == "/health")
        {
            context.Response.StatusCode = IsReady ? 200 : 503;
            return;
        }

        context.Request.EnableBuffering();
        using var reader = new StreamReader(context.Request.Body, leaveOpen: true);
        var body = await reader.ReadToEndAsync();
        context.Request.Body.Position = 0;
        Requests.Enqueue(new Received(
            context.Request.Method,
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body));
        await Answer(context);
    }

    /// <summary>A request as it arrived.</summary>
    internal sealed record Received(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body)
    {
        public CallerContext? Caller => Verify(Headers.GetValueOrDefault(InternalHeaders.Context));
    }
}
