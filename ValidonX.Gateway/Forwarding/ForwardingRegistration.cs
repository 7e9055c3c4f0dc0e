using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace ValidonX.Gateway.Forwarding;

/// <summary>Registers the end of the pipeline.</summary>
internal static class ForwardingRegistration
{
    /// <summary>Adds what <see cref="UseForwarding"/> needs.</summary>
    public static void AddForwarding(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ForwardingOptions>().BindConfiguration("Gateway:Forwarding").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ForwardingOptions>, Validator>();
        // It logs a stack trace for every caller that hangs up. What destinations do wrong we log ourselves, in a line.
        builder.Logging.AddFilter("Yarp.ReverseProxy.Forwarder.HttpForwarder", LogLevel.Error);
        // A destination that says that it is not ready writes into its own log why.
        builder.Logging.AddFilter("Yarp.ReverseProxy.Health", LogLevel.Error);
        builder.Services.AddHttpForwarder();
        builder.Services.AddSingleton<IForwarderHttpClientFactory, UpstreamClientFactory>();
        builder.Services.AddSingleton<DestinationChoice>();
        builder.Services.AddSingleton<RetryBudget>();
        builder.Services.AddSingleton<UpstreamForwarder>();
    }

    /// <summary>Answers every request by one of the licensing APIs.</summary>
    public static IApplicationBuilder UseForwarding(this IApplicationBuilder app) =>
        app.Use(_ => app.ApplicationServices.GetRequiredService<UpstreamForwarder>().InvokeAsync);

    private sealed class Validator : IValidateOptions<ForwardingOptions>
    {
        public ValidateOptionsResult Validate(string? name, ForwardingOptions options)
        {
            var errors = new List<string>();
            foreach (var (option, value) in new[]
            {
                (nameof(options.ConnectTimeout), options.ConnectTimeout), (nameof(options.ActivityTimeout), options.ActivityTimeout),
                (nameof(options.ReactivationPeriod), options.ReactivationPeriod), (nameof(options.ProbeInterval), options.ProbeInterval),
                (nameof(options.ProbeTimeout), options.ProbeTimeout),
            })
            {
                if (value <= TimeSpan.Zero)
                {
                    errors.Add($"Gateway:Forwarding:{option} must be above zero.");
                }
            }

            if (options.MaximumAttempts is < 1 or > 10)
            {
                errors.Add("Gateway:Forwarding:MaximumAttempts must be 1 to 10.");
            }

            return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
        }
    }
}
