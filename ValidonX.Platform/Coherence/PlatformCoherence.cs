using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using ValidonX.Coherence;
using ValidonX.Platform.Redis;

namespace ValidonX.Platform.Coherence;

/// <summary>Registers coherent caching over the platform's Redis and database.</summary>
public static class PlatformCoherence
{
    /// <summary>
    /// <see cref="CoherenceServices.AddCoherence"/> with the register of cut-off replicas in the platform database. Includes
    /// <see cref="RedisClient.AddPlatformRedis"/>; needs <see cref="PlatformServices.AddPlatform"/>. Calling it more than once is harmless.
    /// </summary>
    public static IHostApplicationBuilder AddPlatformCoherence(this IHostApplicationBuilder builder)
    {
        builder.AddPlatformRedis();
        builder.Services.TryAddSingleton<ICutOffRegister, CutOffRegister>();
        return builder.AddCoherence();
    }
}
