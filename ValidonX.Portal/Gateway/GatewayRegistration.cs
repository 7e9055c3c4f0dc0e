using Microsoft.Extensions.Options;

namespace ValidonX.Portal.Gateway;

/// <summary>Where the gateway is.</summary>
internal sealed class GatewayOptions
{
    /// <summary>Its address.</summary>
    public string Address { get; set; } = "http://localhost:5080";

    /// <summary>Its address as vendors' apps know it, which the quickstart shows; null if that is the same.</summary>
    public string? PublicAddress { get; set; }
}

/// <summary>Registers the calls of the gateway.</summary>
internal static class GatewayRegistration
{
    /// <summary>Adds them.</summary>
    public static void AddGatewayApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<GatewayOptions>()
            .BindConfiguration("Portal:Gateway")
            .Validate(options => Uri.TryCreate(options.Address, UriKind.Absolute, out _), "Portal:Gateway:Address must be an address such as https://api.example.com.")
            .ValidateOnStart();
        builder.Services.AddSingleton<GatewayConnections>();
        builder.Services.AddScoped<GatewayApi>();
    }
}

/// <summary>
/// The connections to the gateway. Not of the factory's clients: those repeat calls and break circuits, and what one tenant's failing database does to its own pages must not take the others' away.
/// </summary>
internal sealed class GatewayConnections(IOptions<GatewayOptions> options) : IDisposable
{
    /// <summary>Calls by path.</summary>
    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
    {
        BaseAddress = new(options.Value.Address),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <inheritdoc/>
    public void Dispose() => Http.Dispose();
}
