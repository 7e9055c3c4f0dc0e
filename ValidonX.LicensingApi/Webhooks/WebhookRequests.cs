using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Webhooks;

namespace ValidonX.LicensingApi.Webhooks;

/// <summary>Where a tenant wants to be told, and of what.</summary>
internal sealed record NewWebhook : IRequest, ICheckedByStore
{
    /// <summary>Where events are posted to: an address that begins with https://, of a host of the internet.</summary>
    [Text(WebhookAddress.MaximumLength)]
    [Example("https://hooks.acme.example/validonx")]
    public required string Url { get; init; }

    /// <summary>The types of events that are delivered; `*` is all of them, those of later versions included.</summary>
    [EventTypes]
    [Example("""["license.created", "license.revoked"]""")]
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>What its owner knows it by.</summary>
    [Text(250)]
    [Example("Order system")]
    public string? Description { get; init; }

    /// <summary>Whether an event is sent only when those before it have been taken or given up, so that they arrive in order. One that fails holds up those behind it.</summary>
    public bool Ordered { get; init; }

    /// <inheritdoc/>
    public ValueTask CheckAsync(FieldErrors errors, IServiceProvider services, CancellationToken cancellationToken) => UrlRule.CheckAsync(Url, errors, services);
}

/// <summary>What of an endpoint is to be otherwise; what is absent stays.</summary>
internal sealed record WebhookChange : IRequest, ICheckedByStore
{
    /// <summary>Where events are posted to.</summary>
    [Text(WebhookAddress.MaximumLength)]
    [Example("https://hooks.acme.example/validonx")]
    public string? Url { get; init; }

    /// <summary>The types of events that are delivered.</summary>
    [EventTypes]
    [Example("""["*"]""")]
    public IReadOnlyList<string>? Events { get; init; }

    /// <summary>What its owner knows it by; null takes it away.</summary>
    [Text(250)]
    [Example("Order system")]
    public Given<string> Description { get; init; }

    /// <summary>Whether events arrive in order.</summary>
    public bool? Ordered { get; init; }

    /// <summary>`enabled` puts it into service again, also after the platform has disabled it, and what waits is tried at once; `disabled` stops all deliveries.</summary>
    [Words(WebhookStatus.Enabled, WebhookStatus.Disabled)]
    [Example("enabled")]
    public string? Status { get; init; }

    /// <inheritdoc/>
    public ValueTask CheckAsync(FieldErrors errors, IServiceProvider services, CancellationToken cancellationToken) => UrlRule.CheckAsync(Url, errors, services);
}

/// <summary>How a secret is rotated.</summary>
internal sealed record SecretRotation : IRequest
{
    private const long MaximumOverlapSeconds = 7 * 24 * 60 * 60;

    static bool IRequest.IsOptional => true;

    /// <summary>For how long deliveries are signed with the old secret and key, too.</summary>
    [Whole(0, MaximumOverlapSeconds)]
    [Example("86400")]
    public long OverlapSeconds { get; init; } = 24 * 60 * 60;
}

/// <summary>Which events are to be delivered again.</summary>
internal sealed record ReplayRequest : IRequest, IChecked
{
    /// <summary>The first moment.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The first moment that does not belong to it any more; absent: now.</summary>
    public DateTimeOffset? To { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (!at.Has("from") && !at.Has("to") && To <= From)
        {
            at.Of("to").Fail("Must lie behind from.");
        }
    }
}

/// <summary>Which deliveries a list shows.</summary>
internal sealed record DeliveryFilter : ListQuery
{
    /// <summary>Only those in this state.</summary>
    [Words(DeliveryStatus.Pending, DeliveryStatus.Succeeded, DeliveryStatus.Failed)]
    [Example("failed")]
    public string? Status { get; init; }
}

/// <summary>The types of events that an endpoint is subscribed to.</summary>
internal sealed class EventTypesAttribute : FieldAttribute
{
    private static readonly TextsAttribute Texts = new(1, 50, 64) { Of = [.. WebhookTypes.All, WebhookTypes.Every] };

    /// <inheritdoc/>
    public override object? Read(System.Text.Json.JsonElement value, FieldPlace place) => Texts.Read(value, place);

    /// <inheritdoc/>
    public override void Describe(Microsoft.OpenApi.OpenApiSchema schema) => Texts.Describe(schema);
}

internal static class UrlRule
{
    /// <summary>Notes what is wrong with the address of a receiver.</summary>
    public static ValueTask CheckAsync(string? url, FieldErrors errors, IServiceProvider services)
    {
        if (url is not null && !errors.Has("url")
            && WebhookAddress.ProblemOf(url, services.GetRequiredService<IOptions<WebhookOptions>>().Value.AllowLoopback == true, out _) is { } problem)
        {
            errors.Add("url", problem);
        }

        return ValueTask.CompletedTask;
    }
}
