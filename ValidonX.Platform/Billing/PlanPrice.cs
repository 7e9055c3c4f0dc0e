using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Plans;

namespace ValidonX.Platform.Billing;

/// <summary>What a plan costs; columns of <c>plans</c>.</summary>
public sealed record PlanPrice
{
    private const string Columns = "code, name, price_cents, currency, billing_period, is_public, trial_days";

    public string Code { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>For a whole period; <see langword="null"/> is agreed upon elsewhere and not invoiced here.</summary>
    public long? PriceCents { get; init; }

    public string Currency { get; init; } = "";

    public string BillingPeriod { get; init; } = "";

    public bool IsPublic { get; init; }

    public int TrialDays { get; init; }

    /// <summary>What the price is for.</summary>
    public PlanPeriod Period => StoredEnum.Parse<PlanPeriod>(BillingPeriod);

    /// <summary>One plan, or <see langword="null"/>.</summary>
    public static Task<PlanPrice?> FindAsync(DbTransaction transaction, string code, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<PlanPrice?>(new CommandDefinition(
            $"SELECT {Columns} FROM plans WHERE code = @code", new { code }, transaction, cancellationToken: cancellationToken));

    /// <summary>The plan of tenants whose subscription is over: the first free one that anyone may choose, or <see langword="null"/>.</summary>
    public static Task<PlanPrice?> FindFreeAsync(DbTransaction transaction, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<PlanPrice?>(new CommandDefinition(
            $"SELECT {Columns} FROM plans WHERE is_public = 1 AND price_cents = 0 ORDER BY position, code LIMIT 1", transaction: transaction, cancellationToken: cancellationToken));
}
