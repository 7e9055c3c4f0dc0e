using Microsoft.Extensions.Options;

namespace ValidonX.Portal.Gateway;

/// <summary>Where the gateway is.</summary>
internal sealed class GatewayOptions
{
    /// <summary>Its address; by a name of service discovery, or as it is.</summary>
    public string Address { get; set; } = "http://gateway";

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
        builder.Services.AddHttpClient<GatewayApi>((provider, client) =>
        {
            client.BaseAddress = new(provider.GetRequiredService<IOptions<GatewayOptions>>().Value.Address);
            client.Timeout = TimeSpan.FromSeconds(30);
        });
    }
}
