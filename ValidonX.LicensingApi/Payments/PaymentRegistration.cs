namespace ValidonX.LicensingApi.Payments;

internal static class PaymentRegistration
{
    /// <summary>Payments by card, and what becomes of the money. Needs what billing registers.</summary>
    public static void AddPaymentApi(this IServiceCollection services)
    {
        services.AddSingleton<StripeCustomers>();
        services.AddSingleton<OpenCheckout>();
        services.AddSingleton<OpenPortal>();
        services.AddSingleton<StripeEventMetrics>();
        services.AddSingleton<ReceiveStripeEvent>();
        services.AddSingleton<ReceivePayment>();
        services.AddSingleton<KeptCards>();
        services.AddSingleton<PaymentQueries>();
        services.AddSingleton<CreditPayment>();
    }
}
