using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ValidonX.Platform.Payments;

public static class PaymentServices
{
    /// <summary>Stripe, if it is configured.</summary>
    public static void AddStripe(this IServiceCollection services)
    {
        services.AddOptions<StripeOptions>().BindConfiguration(StripeOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StripeOptions>, StripeOptionsValidator>();
        services.AddSingleton<StripeApi>();
    }
}
