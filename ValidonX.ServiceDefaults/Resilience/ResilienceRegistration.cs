using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ValidonX.ServiceDefaults.Resilience;

internal static class ResilienceRegistration
{
    /// <summary>Outside service discovery, so that another try may go to another replica.</summary>
    public static void AddResilientHttpClients(this IHostApplicationBuilder builder)
    {
        builder.Services.AddTransient<ResilienceHandler>();
        builder.Services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler<ResilienceHandler>());
    }
}
