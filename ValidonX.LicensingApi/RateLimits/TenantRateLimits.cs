using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.RateLimits;

/// <summary>An operator's limits for one tenant (CONTRACT §4, §6.1); null is "the plan's".</summary>
internal sealed record TenantRateLimits : IRequest
{
    /// <summary>Calls with one API key.</summary>
    public KeyQuota? Key { get; init; }

    /// <summary>Calls of the whole tenant.</summary>
    public TenantQuota? Tenant { get; init; }

    /// <summary>Calls of single endpoints.</summary>
    public EndpointQuotas? Endpoint { get; init; }
}

/// <summary>Calls with one API key in a period.</summary>
internal sealed record KeyQuota : IRequest, IChecked
{
    /// <summary>Calls in a period.</summary>
    [Whole(1, Quotas.Most)]
    [Example("600")]
    public long? Requests { get; init; }

    /// <summary>The period's length.</summary>
    [Whole(1, 86_400)]
    [Example("60")]
    public long? PeriodSeconds { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (PeriodSeconds is not null && Requests is null && !at.Has("requests"))
        {
            at.Of("requests").Fail("Is required with period_seconds.");
        }
    }
}

/// <summary>Calls of the tenant in a calendar month.</summary>
internal sealed record TenantQuota
{
    /// <summary>Calls in a month.</summary>
    [Whole(1, Quotas.Most)]
    [Example("100000")]
    public long? Requests { get; init; }
}

/// <summary>Calls a minute of single endpoints.</summary>
internal sealed record EndpointQuotas
{
    /// <summary>Of <c>activations</c>.</summary>
    [Whole(1, Quotas.Most)]
    [Example("60")]
    public long? Activations { get; init; }

    /// <summary>Of <c>usage/record</c>.</summary>
    [Whole(1, Quotas.Most)]
    [Example("600")]
    public long? Usage { get; init; }

    /// <summary>Of <c>entitlements/check</c>.</summary>
    [Whole(1, Quotas.Most)]
    [Example("600")]
    public long? Entitlements { get; init; }
}

internal static class Quotas
{
    /// <summary>The largest quota.</summary>
    public const long Most = 1_000_000_000_000;
}
