using Microsoft.Extensions.Options;
using ValidonX.RateLimiting;

namespace ValidonX.Gateway.Limits;

/// <summary>Registers the rate limits of CONTRACT §4.</summary>
internal static class LimitRegistration
{
    private const string RequestsVariable = "VALIDONX_API_RATE_LIMIT_REQUESTS";
    private const string PeriodVariable = "VALIDONX_API_RATE_LIMIT_PERIOD";

    /// <summary>Adds the policies, and the engine that leases their quotas.</summary>
    public static void AddLimits(this IHostApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        builder.Services.AddSingleton<IMonthlyCounterStore, PlatformMonthlyCounters>();
        builder.Services.AddLeasedRateLimiting(configuration);
        builder.Services.AddOptions<CallLimitOptions>()
            .BindConfiguration("RateLimiting")
            .Configure(options =>
            {
                options.KeyRequests = configuration.GetValue<long?>(RequestsVariable) ?? options.KeyRequests;
                options.KeyPeriodSeconds = configuration.GetValue<int?>(PeriodVariable) ?? options.KeyPeriodSeconds;
            })
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<CallLimitOptions>, Validator>();
        builder.Services.AddSingleton<CallPolicies>();
    }

    private sealed class Validator : IValidateOptions<CallLimitOptions>
    {
        private const int Day = 86_400;

        public ValidateOptionsResult Validate(string? name, CallLimitOptions options)
        {
            var errors = new List<string>();
            if (options.KeyRequests is < 0)
            {
                errors.Add($"RateLimiting:KeyRequests ({RequestsVariable}) must not be below zero.");
            }

            if (options.KeyPeriodSeconds is < 1 or > Day)
            {
                errors.Add($"RateLimiting:KeyPeriodSeconds ({PeriodVariable}) must be 1 to {Day}.");
            }

            if (options.EndpointPeriodSeconds is < 1 or > Day)
            {
                errors.Add($"RateLimiting:EndpointPeriodSeconds must be 1 to {Day}.");
            }

            if (((long[])[options.Activations, options.Heartbeats, options.Usage, options.Entitlements, options.AnonymousRequests]).Min() < 0)
            {
                errors.Add("RateLimiting:Activations, Heartbeats, Usage, Entitlements and AnonymousRequests must not be below zero.");
            }

            return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
        }
    }
}
