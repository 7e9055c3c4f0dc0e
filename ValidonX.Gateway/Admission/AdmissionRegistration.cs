using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace ValidonX.Gateway.Admission;

/// <summary>Registers the bounds on requests under way, on their arrival, and on strangers.</summary>
internal static class AdmissionRegistration
{
    /// <summary>Adds the gates, the receipt of bodies and the pace of strangers.</summary>
    public static void AddAdmission(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AdmissionOptions>().BindConfiguration("Gateway:Admission").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<AdmissionOptions>, Validator>();
        builder.Services.AddSingleton<TenantGates>();
        builder.Services.AddSingleton<BodyReceipt>();
        builder.Services.AddSingleton<StrangerPace>();
        builder.Services.AddSingleton<AddressLimit>();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<AdmissionOptions>>((server, admission) =>
        {
            try
            {
                server.Limits.RequestHeadersTimeout = admission.Value.HeaderTimeout;
                server.Limits.MinRequestBodyDataRate = BodyReceipt.Rate(admission.Value.MinimumBodyRate);
            }
            catch (OptionsValidationException)
            {
                // The server is made before the options are validated: the start ends there, with every option that is wrong.
            }
        });
    }

    private sealed class Validator : IValidateOptions<AdmissionOptions>
    {
        public ValidateOptionsResult Validate(string? name, AdmissionOptions options)
        {
            var errors = new List<string>();
            foreach (var (option, value) in new[]
            {
                (nameof(options.MaximumRequests), options.MaximumRequests), (nameof(options.AnonymousRequests), options.AnonymousRequests),
                (nameof(options.OperatorRequests), options.OperatorRequests), (nameof(options.MaximumWatches), options.MaximumWatches),
                (nameof(options.WatchesPerUser), options.WatchesPerUser), (nameof(options.MinimumBodyRate), options.MinimumBodyRate),
                (nameof(options.MinimumLargeBodyRate), options.MinimumLargeBodyRate), (nameof(options.StrangersPerSecond), options.StrangersPerSecond),
            })
            {
                if (value < 1)
                {
                    errors.Add($"Gateway:Admission:{option} must be at least 1.");
                }
            }

            foreach (var (option, value) in new[]
            {
                (nameof(options.HeaderTimeout), options.HeaderTimeout), (nameof(options.BodyTimeout), options.BodyTimeout),
                (nameof(options.StrangerDelay), options.StrangerDelay),
            })
            {
                if (value <= TimeSpan.Zero)
                {
                    errors.Add($"Gateway:Admission:{option} must be above zero.");
                }
            }

            if (options.TenantShare is not (> 0 and <= 1))
            {
                errors.Add("Gateway:Admission:TenantShare must be above 0 and at most 1.");
            }

            return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
        }
    }
}
