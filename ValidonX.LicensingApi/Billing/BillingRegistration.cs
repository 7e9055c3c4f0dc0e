using ValidonX.Platform.Billing;

namespace ValidonX.LicensingApi.Billing;

internal static class BillingRegistration
{
    /// <summary>Subscriptions, invoices and what goes with them.</summary>
    public static void AddBillingApi(this IServiceCollection services)
    {
        services.AddBilling();
        services.AddSingleton<BillingQueries>();
        services.AddSingleton<PlanUse>();
        services.AddSingleton<ChangeSubscription>();
        services.AddSingleton<InvoicePayments>();
        services.AddSingleton<BillingDetailsStore>();
        services.AddSingleton<TaxRates>();
    }
}
