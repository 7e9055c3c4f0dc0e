using Microsoft.Extensions.DependencyInjection;
using ValidonX.Platform.Payments;

namespace ValidonX.Platform.Billing;

public static class BillingServices
{
    /// <summary>Subscriptions and invoices; needs <see cref="PlatformServices.AddPlatform"/>.</summary>
    public static void AddBilling(this IServiceCollection services)
    {
        services.AddOptions<BillingOptions>().BindConfiguration(BillingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<Invoicing>();
        services.AddSingleton<Metering>();
        services.AddSingleton<BillingCycle>();
        services.AddStripe();
    }
}
