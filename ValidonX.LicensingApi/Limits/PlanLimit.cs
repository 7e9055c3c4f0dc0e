using System.Data.Common;
using System.Globalization;
using Dapper;
using ValidonX.Platform.Plans;

namespace ValidonX.LicensingApi.Limits;

/// <summary>
/// A number that a tenant's plan limits, kept exactly under concurrent calls. The tenant's own entitlements (<c>license_id ''</c>) hold the
/// limit; NULL or no row is "unlimited", and then nothing is locked or counted.
/// </summary>
internal sealed class PlanLimit
{
    private readonly string _count;

    private PlanLimit(string code, string count) => (Code, _count) = (code, count);

    /// <summary>Licenses, <c>licenses.max</c>.</summary>
    public static PlanLimit Licenses { get; } = new(EntitlementCodes.Licenses, "SELECT COUNT(*) FROM license_keys");

    /// <summary>Products, <c>products.max</c>.</summary>
    public static PlanLimit Products { get; } = new(EntitlementCodes.Products, "SELECT COUNT(*) FROM products");

    /// <summary>Active activations, <c>activations.total</c>.</summary>
    public static PlanLimit Activations { get; } = new(EntitlementCodes.ActivationsTotal, "SELECT COUNT(*) FROM activations WHERE active_marker = 1 AND (lease_expires_at IS NULL OR lease_expires_at > @now)");

    /// <summary>The limit's code.</summary>
    public string Code { get; }

    /// <summary>Reads the stored value of a limit; <see langword="null"/> is unlimited.</summary>
    public static long? Parse(string? value) => value is null ? null : long.Parse(value, CultureInfo.InvariantCulture);

    /// <summary>The limit, or <see langword="null"/> when there is none.</summary>
    public async Task<long?> ReadAsync(DbTransaction transaction, CancellationToken cancellationToken) =>
        Parse(await transaction.Connection!.ExecuteScalarAsync<string?>(new CommandDefinition(
            "SELECT value FROM entitlements WHERE license_id = '' AND code = @Code",
            new { Code },
            transaction,
            cancellationToken: cancellationToken)));

    /// <summary>
    /// Takes the turn of counting: until the transaction ends nobody else adds anything that this limit counts. The count itself is taken
    /// from the rows, so that it is right whatever plans the tenant has had; <c>usage_counters</c> shows it to onlookers.
    /// </summary>
    /// <returns>How many there are, and whether one more is allowed; it is counted already then.</returns>
    public async Task<(long Current, bool IsAllowed)> TakeAsync(DbTransaction transaction, long limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (current, allowed) = await TakeAsync(transaction, limit, 1, now, cancellationToken);
        return (current, allowed == 1);
    }

    /// <summary>The same for several.</summary>
    /// <returns>How many there are, and how many more of those wanted are allowed; they are counted already then.</returns>
    public async Task<(long Current, int Allowed)> TakeAsync(DbTransaction transaction, long limit, int wanted, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var current = await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            $"""
            INSERT INTO usage_counters (license_id, code, period_start, used, updated_at) VALUES ('', @Code, '1970-01-01', 0, @now)
            ON DUPLICATE KEY UPDATE updated_at = @now;
            {_count}
            """,
            new { Code, now },
            transaction,
            cancellationToken: cancellationToken));
        var allowed = (int)Math.Clamp(limit - current, 0, wanted);
        if (allowed > 0)
        {
            await ShowAsync(transaction, current + allowed, now, cancellationToken);
        }

        return (current, allowed);
    }

    /// <summary>Writes the count anew after something was taken away.</summary>
    public async Task RecountAsync(DbTransaction transaction, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var current = await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(_count, new { now }, transaction, cancellationToken: cancellationToken));
        await ShowAsync(transaction, current, now, cancellationToken);
    }

    private Task<int> ShowAsync(DbTransaction transaction, long used, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE usage_counters SET used = @used, updated_at = @now WHERE license_id = '' AND code = @Code AND period_start = '1970-01-01'",
            new { used, now, Code },
            transaction,
            cancellationToken: cancellationToken));
}
