using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using ValidonX.Tests.Servers;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace ValidonX.Tests.Gateway.SingleSignOn;

/// <summary>A real OpenID provider (OpenIddict) on a port of its own, which can be stopped and come back with another key.</summary>
internal sealed class OpenIdProvider : IAsyncDisposable
{
    public const string ClientSecret = "the secret that the provider knows";

    // Keys take long to make.
    private static readonly Lazy<RSA> ForgersRsa = new(() => RSA.Create(2048));

    private readonly int _port = FreePorts.Next();
    private readonly ConcurrentQueue<string> _requests = new();
    private WebApplication? _app;

    private OpenIdProvider() => Issuer = $"http://127.0.0.1:{_port}/";

    public string Issuer { get; }

    /// <summary>The key that it signs with now.</summary>
    public RsaSecurityKey Key { get; private set; } = NewKey();

    /// <summary>How often its keys were fetched.</summary>
    public int KeyFetches => _requests.Count(path => path == "/.well-known/jwks");

    public static async Task<OpenIdProvider> StartAsync()
    {
        var provider = new OpenIdProvider();
        await provider.ComeBackAsync();
        return provider;
    }

    /// <summary>A key that is none of the provider's, under a name of its own.</summary>
    public static RsaSecurityKey Forgers(string? name = null) => new(ForgersRsa.Value) { KeyId = name ?? Guid.NewGuid().ToString("N") };

    private static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };

    /// <summary>Comes back with another key, as one does that rotates them.</summary>
    public async Task RotateAsync()
    {
        await GoAwayAsync();
        Key = NewKey();
        await ComeBackAsync();
    }

    public async Task GoAwayAsync()
    {
        if (_app is { } app)
        {
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
            _app = null;
        }
    }

    public async Task ComeBackAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{_port}");
        builder.Services.AddAuthentication();
        builder.Services.AddOpenIddict().AddServer(Configure);
        var app = builder.Build();
        app.Use((context, next) =>
        {
            _requests.Enqueue(context.Request.Path);
            return next(context);
        });
        app.UseAuthentication();
        await app.StartAsync(CancellationToken.None);
        _app = app;
    }

    /// <summary>An access token, issued by the provider itself.</summary>
    public async Task<string> TokenAsync(string audience, string subject, string? email = null, params string[] roles)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsync(
            new Uri($"{Issuer}token"),
            new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = "validonx",
                ["client_secret"] = ClientSecret,
                ["sub"] = subject,
                ["aud"] = audience,
                ["email"] = email ?? "",
                ["roles"] = string.Join(' ', roles),
            }),
            TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("access_token").GetString()!;
    }

    /// <summary>A token made by hand, with the provider's key unless told otherwise.</summary>
    public string Forge(
        Dictionary<string, object> claims,
        SigningCredentials? signedBy = null,
        DateTimeOffset? expires = null,
        DateTimeOffset? notBefore = null,
        string? type = null,
        Dictionary<string, object>? headers = null) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims,
            Expires = expires?.UtcDateTime,
            NotBefore = notBefore?.UtcDateTime,
            TokenType = type ?? "JWT",
            AdditionalHeaderClaims = headers,
            SigningCredentials = signedBy ?? new SigningCredentials(Key, SecurityAlgorithms.RsaSha256),
        });

    public ValueTask DisposeAsync() => new(GoAwayAsync());

    private void Configure(OpenIddictServerBuilder options)
    {
        options.EnableDegradedMode().SetIssuer(new Uri(Issuer)).SetTokenEndpointUris("token").SetAuthorizationEndpointUris("authorize");
        options.AllowClientCredentialsFlow().AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
        options.AddSigningKey(Key).AddEncryptionKey(new SymmetricSecurityKey(new byte[32])).DisableAccessTokenEncryption();
        options.RegisterScopes(Scopes.Profile, Scopes.Email);
        options.UseAspNetCore().DisableTransportSecurityRequirement();
        options.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(_ => default));
        // Before it looks at the code, as most do.
        options.AddEventHandler<ValidateTokenRequestContext>(handler => handler.SetOrder(int.MinValue).UseInlineHandler(context =>
        {
            if (context.ClientSecret != ClientSecret)
            {
                context.Reject(Errors.InvalidClient);
            }

            return default;
        }));

        // Who comes to its page is signed in already: as whom the browser says.
        options.AddEventHandler<HandleAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            context.SignIn(Principal((string?)context.Request!["login_hint"] ?? "browser", "", "browser@acme.example", ["developer"]));
            return default;
        }));
        options.AddEventHandler<HandleTokenRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            var request = context.Request!;
            context.SignIn(request.IsAuthorizationCodeGrantType()
                ? context.Principal!
                : Principal((string)request["sub"]!, (string)request["aud"]!, (string)request["email"]!, ((string)request["roles"]!).Split(' ', StringSplitOptions.RemoveEmptyEntries)));
            return default;
        }));
    }

    private static ClaimsPrincipal Principal(string subject, string audience, string email, string[] roles)
    {
        var identity = new ClaimsIdentity("provider");
        identity.AddClaim(new Claim(OpenIddictConstants.Claims.Subject, subject));
        identity.AddClaim(new Claim(OpenIddictConstants.Claims.Name, $"Name of {subject}"));
        if (email.Length > 0)
        {
            identity.AddClaim(new Claim(OpenIddictConstants.Claims.Email, email));
        }

        identity.AddClaims(roles.Select(role => new Claim("roles", role)));
        var principal = new ClaimsPrincipal(identity);
        principal.SetScopes(Scopes.OpenId, Scopes.Profile, Scopes.Email);
        if (audience.Length > 0)
        {
            principal.SetResources(audience);
        }

        foreach (var claim in identity.Claims)
        {
            claim.SetDestinations(Destinations.AccessToken, Destinations.IdentityToken);
        }

        return principal;
    }
}
