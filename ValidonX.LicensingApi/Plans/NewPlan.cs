using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Billing;
using ValidonX.Platform.Plans;

namespace ValidonX.LicensingApi.Plans;

/// <summary>A plan that an operator makes.</summary>
internal sealed record NewPlan : PlanTerms
{
    /// <summary>What it is named by, for good: a-z 0-9 - and _.</summary>
    [PlanCode]
    [Example("team")]
    public required string Code { get; init; }
}

/// <summary>What a plan is to be from now on, as a whole.</summary>
internal sealed record PlanReplacement : PlanTerms
{
    /// <summary>The version that was looked at; another one by now is refused.</summary>
    [Whole(1, int.MaxValue)]
    [Example("3")]
    public required int Version { get; init; }
}

/// <summary>What an operator decides about a plan.</summary>
internal abstract record PlanTerms : IRequest, IChecked
{
    /// <summary>Highest price: a million.</summary>
    private const long MaximumPriceCents = 100_000_000;

    /// <summary>Its name.</summary>
    [Text(64)]
    [Example("Team")]
    public required string Name { get; init; }

    /// <summary>Its price in hundredths of the currency; null is "ask us".</summary>
    [Whole(0, MaximumPriceCents)]
    [Example("1900")]
    public long? PriceCents { get; init; }

    /// <summary>ISO 4217; one with hundredths.</summary>
    [Currency]
    [Example("USD")]
    public string Currency { get; init; } = "USD";

    /// <summary>What the price is for.</summary>
    public PlanPeriod BillingPeriod { get; init; } = PlanPeriod.Month;

    /// <summary>How many days a new tenant may try it.</summary>
    [Whole(0, 365)]
    [Example("14")]
    public int TrialDays { get; init; }

    /// <summary>Whether anyone may see and choose it.</summary>
    public bool Public { get; init; } = true;

    /// <summary>Its place among the plans; the lowest comes first.</summary>
    [Whole(0, 1_000_000)]
    [Example("2")]
    public int Position { get; init; }

    /// <summary>What it allows, by code: numbers, null for "unlimited", or booleans.</summary>
    [PlanEntitlements]
    [Example("""{"products.max": 3, "licenses.max": 1000, "activations.total": null, "activations.max": 20, "api_calls_monthly": 50000, "api_calls_per_minute": 600, "webhook_endpoints.max": 2, "sso": true}""")]
    public required PlanEntitlementList Entitlements { get; init; }

    /// <summary>What usage beyond what is included costs, by metric. `api_calls` needs a quota of them (`api_calls_monthly`): calls without one are not counted.</summary>
    [Items(0, 20)]
    public IReadOnlyList<MeterTerms> Meters { get; init; } = [];

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (Meters is { Count: > 1 } meters && meters.DistinctBy(meter => meter.Metric, StringComparer.Ordinal).Count() < meters.Count && !at.Has("meters"))
        {
            at.Of("meters").Fail("Must not have two of one metric.");
        }

        // It would be billed as none at all.
        if (Meters is { } priced && priced.Any(meter => meter.Metric == Metering.ApiCalls)
            && Entitlements is { List: var list } && list.Any(one => one is { Code: EntitlementCodes.ApiCallsMonthly, Value: null }) && !at.Has("meters"))
        {
            at.Of("meters").Fail("Calls have a price, but are counted only where there is a quota of them: give api_calls_monthly.");
        }

        if (Public && PriceCents is null && TrialDays > 0 && !at.Has("trial_days"))
        {
            at.Of("trial_days").Fail("Needs a price that is due after it.");
        }
    }
}

/// <summary>What usage costs in a calendar month, beyond what a plan includes of it.</summary>
internal sealed record MeterTerms
{
    /// <summary>What is counted: <c>api_calls</c>, or a metric that the tenant's apps record.</summary>
    [Code(100)]
    [Example("api_calls")]
    public required string Metric { get; init; }

    /// <summary>How much of it is included.</summary>
    [Whole(0, 1_000_000_000_000)]
    [Example("100000")]
    public long Included { get; init; }

    /// <summary>How many the price is for.</summary>
    [Whole(1, 1_000_000_000)]
    [Example("1000")]
    public required long Unit { get; init; }

    /// <summary>Their price in hundredths of the currency.</summary>
    [Whole(0, 100_000_000)]
    [Example("10")]
    public required long PriceCents { get; init; }
}

/// <summary>The code of a plan.</summary>
internal sealed class PlanCodeAttribute : TextAttribute
{
    public const int MaximumLength = 32;

    public PlanCodeAttribute()
        : base(MaximumLength)
    {
        Pattern = "^[a-z0-9][a-z0-9_-]*$";
        PatternMessage = "Must only have a-z 0-9 - and _, and begin with a letter or digit.";
    }
}

/// <summary>A currency whose smallest unit is a hundredth; amounts are kept in it.</summary>
internal sealed class CurrencyAttribute : TextAttribute
{
    // The currencies of ISO 4217 that have no or three decimals, and those that are no money of a country.
    private static readonly HashSet<string> Others = new(StringComparer.Ordinal)
    {
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF",
        "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND", "CLF", "UYW",
        "XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX",
    };

    public CurrencyAttribute()
        : base(3, 3)
    {
        Pattern = "^[A-Z]{3}$";
        PatternMessage = "Must be three capital letters, such as USD.";
    }

    /// <inheritdoc/>
    protected override object? Accept(string text, FieldPlace place) => Others.Contains(text) ? place.Fail("Must be a currency with hundredths.") : text;
}
