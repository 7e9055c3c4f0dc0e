namespace ValidonX.LicensingApi.Plans;

/// <summary>A row of <c>plans</c>.</summary>
internal sealed record PlanRow
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "code, name, position, price_cents, currency, billing_period, is_public, trial_days, version";

    public string Code { get; init; } = "";

    public string Name { get; init; } = "";

    public int Position { get; init; }

    public long? PriceCents { get; init; }

    public string Currency { get; init; } = "";

    public string BillingPeriod { get; init; } = "";

    public bool IsPublic { get; init; }

    public int TrialDays { get; init; }

    public int Version { get; init; }

    /// <summary>As anyone may see it.</summary>
    public ShownPlan Show(PlanParts parts) => new(Code, Name, PriceCents, Currency, BillingPeriod, TrialDays, ShownPlan.Flat(parts.Entitlements[Code]), [.. parts.Meters[Code]]);

    /// <summary>As operators see it.</summary>
    public OperatorPlan ShowToOperator(PlanParts parts, long tenants) =>
        new(
            Code,
            Name,
            PriceCents,
            Currency,
            BillingPeriod,
            TrialDays,
            IsPublic,
            Position,
            ShownPlan.Flat(parts.Entitlements[Code]),
            [.. parts.Meters[Code]],
            Version,
            tenants);
}
