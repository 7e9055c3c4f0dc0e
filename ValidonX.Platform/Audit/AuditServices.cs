using Microsoft.Extensions.DependencyInjection;

namespace ValidonX.Platform.Audit;

public static class AuditServices
{
    /// <summary>The journal of events that strangers can cause at will.</summary>
    public static void AddCountedAudit(this IServiceCollection services)
    {
        services.AddSingleton<CountedAudit>();
        services.AddHostedService(provider => provider.GetRequiredService<CountedAudit>());
    }
}
