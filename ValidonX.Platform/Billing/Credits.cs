using System.Data.Common;
using Dapper;

namespace ValidonX.Platform.Billing;

/// <summary>What a tenant is owed, as an account book to which is only added. Whoever reads or writes holds the lock of the tenant's subscription.</summary>
public static class Credits
{
    /// <summary>What is left, in cents.</summary>
    public static Task<long> BalanceAsync(DbTransaction transaction, Guid tenantId, string currency, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT CAST(COALESCE(SUM(amount_cents), 0) AS SIGNED) FROM billing_credits WHERE tenant_id = @tenantId AND currency = @currency",
            new { tenantId, currency },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>Adds to it, or takes from it.</summary>
    public static Task AddAsync(
        DbTransaction transaction, Guid tenantId, string currency, long cents, string reason, Guid? invoiceId, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO billing_credits (id, tenant_id, currency, amount_cents, reason, invoice_id, created_at)
            VALUES (@id, @tenantId, @currency, @cents, @reason, @invoiceId, @now)
            """,
            new { id = Guid.CreateVersion7(now), tenantId, currency, cents, reason, invoiceId, now },
            transaction,
            cancellationToken: cancellationToken));
}
