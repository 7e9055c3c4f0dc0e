using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Databases;
using ValidonX.Tests.LicensingApi;

namespace ValidonX.Tests.Gateway.Routing;

/// <summary>A real gateway in front of a real licensing API, which tells how it read each request.</summary>
internal sealed class BothServers : IAsyncDisposable
{
    private readonly LicensingApiUnderTest _api;
    private readonly ApiReadings _readings;

    private BothServers(LicensingApiUnderTest api, ApiReadings readings, GatewayUnderTest gateway)
    {
        (_api, _readings, Gateway) = (api, readings, gateway);
    }

    public GatewayUnderTest Gateway { get; }

    /// <param name="platform">What both stand on.</param>
    /// <param name="configure">What a test adds to both.</param>
    public static async Task<BothServers> StartAsync(LicensingPlatform platform, Action<WebApplicationBuilder>? configure = null)
    {
        var readings = new ApiReadings(platform.Signer);
        var api = await LicensingApiUnderTest.StartAsync(platform, clock: null, builder =>
        {
            builder.Services.AddSingleton<IStartupFilter>(readings);
            configure?.Invoke(builder);
        });
        var gateway = await GatewayUnderTest.StartAsync(
            new Dictionary<string, string>
            {
                ["ConnectionStrings:platform"] = platform.Databases.Server.ConnectionString(PlatformDatabase.Name),
                ["ConnectionStrings:redis"] = platform.Redis.ConnectionString,
                ["Secrets:ApiKeyPepper"] = platform.Databases.Secrets.ApiKeyPepper!,
                ["Secrets:ContextSigningKey"] = platform.Databases.Secrets.ContextSigningKey!,
            },
            [api.Address],
            configure);
        return new BothServers(api, readings, gateway);
    }

    /// <summary>Sends a request line as it is; what the licensing API made of it, if it came to that.</summary>
    public async Task<(int Status, string Head, string Body, Reading? Reading)> SendAsync(string method, string target, params string[] headers)
    {
        var id = Guid.NewGuid().ToString();
        var (status, head, body) = await RawHttp.SendAsync(
            Gateway.Address,
            $"{method} {target} HTTP/1.1\r\nHost: x\r\nX-Request-ID: {id}\r\n{string.Concat(headers.Select(header => header + "\r\n"))}Content-Length: 0\r\nConnection: close\r\n\r\n");
        return (status, head, body, _readings.Of(id));
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await _api.DisposeAsync();
    }

    /// <summary>The text of a bearer token.</summary>
    public static Task<string> TokenAsync(LicensingPlatform platform, string ownerType, Guid owner, string ability) =>
        platform.Databases.Platform.TransactAsync(
            async (transaction, token) => (await AccessTokens.IssueAsync(transaction, ownerType, owner, ability, "test", DateTimeOffset.UtcNow, null, token)).Reveal(),
            CancellationToken.None);

    /// <summary>How the licensing API read a request.</summary>
    /// <param name="Method">The method.</param>
    /// <param name="Target">The target as it arrived.</param>
    /// <param name="Pattern">The pattern of the endpoint that it found, if any.</param>
    /// <param name="JudgedAs">As what the gateway announced it.</param>
    internal sealed record Reading(string Method, string Target, string? Pattern, string? JudgedAs)
    {
        /// <summary>Whether the target spells the endpoint's pattern, letter by letter.</summary>
        public bool IsSpelledAsThePattern =>
            Pattern is null || Regex.IsMatch(Target.Split('?')[0], $"^{Regex.Replace(Regex.Escape(Pattern.TrimEnd('/')), @"\\\{\w+}", "[^/]+")}$");
    }

    private sealed class ApiReadings(CallerContextSigner signer) : IStartupFilter
    {
        private readonly ConcurrentDictionary<string, Reading> _readings = new();

        public Reading? Of(string requestId) => _readings.GetValueOrDefault(requestId);

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                app.Use((context, inner) =>
                {
                    // Before the answer begins, so that whoever has the answer finds the reading.
                    context.Response.OnStarting(() =>
                    {
                        _readings[context.Request.Headers["X-Request-ID"].ToString()] = new Reading(
                            context.Request.Method,
                            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
                            (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText,
                            signer.Verify(context.Request.Headers[InternalHeaders.Context])?.Route);
                        return Task.CompletedTask;
                    });
                    return inner(context);
                });
                next(app);
            };
    }
}
