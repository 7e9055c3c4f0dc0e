using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ValidonX.Platform.Webhooks;

/// <summary>Configuration section <c>Webhooks</c>.</summary>
public sealed class WebhookOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Webhooks";

    /// <summary>For development and tests: a receiver may be this machine, over plain http, too. Unset, it is so in the environment Development only.</summary>
    public bool? AllowLoopback { get; set; }

    /// <summary>How long the delivery log and the events are kept.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan Keep { get; set; } = TimeSpan.FromDays(30);
}

public static class WebhookOptionsRegistration
{
    /// <summary>Adds what every service that has to do with webhooks must know.</summary>
    public static void AddWebhookOptions(this IServiceCollection services) =>
        services.AddOptions<WebhookOptions>()
            .BindConfiguration(WebhookOptions.Section)
            .PostConfigure<IHostEnvironment>((options, environment) => options.AllowLoopback ??= environment.IsDevelopment())
            .ValidateDataAnnotations()
            .ValidateOnStart();
}
