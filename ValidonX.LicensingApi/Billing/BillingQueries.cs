using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Api;
using ValidonX.Platform.Billing;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Billing;

/// <summary>Reads subscriptions and invoices.</summary>
internal sealed class BillingQueries(PlatformDatabase platform, IOptions<BillingOptions> options)
{
    /// <summary>A tenant's subscription.</summary>
    public async Task<Outcome<ShownSubscription>> FindSubscriptionAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var subscription = await connection.QuerySingleOrDefaultAsync<Subscription?>(new CommandDefinition(
            $"SELECT {Subscription.Columns} FROM subscriptions WHERE tenant_id = @tenantId", new { tenantId }, cancellationToken: cancellationToken));
        return subscription is null ? ApiErrors.SubscriptionNotFound : await ShowAsync(connection, null, subscription, cancellationToken);
    }

    /// <summary>A subscription as its tenant sees it.</summary>
    public async Task<ShownSubscription> ShowAsync(DbConnection connection, DbTransaction? transaction, Subscription subscription, CancellationToken cancellationToken)
    {
        var (plan, inForce, credit) = await connection.QuerySingleAsync<(string Plan, bool InForce, long Credit)>(new CommandDefinition(
            """
            SELECT t.plan_code, t.plan_version = p.version,
              (SELECT CAST(COALESCE(SUM(c.amount_cents), 0) AS SIGNED) FROM billing_credits c WHERE c.tenant_id = t.id AND c.currency = @Currency)
            FROM tenants t JOIN plans p ON p.code = t.plan_code WHERE t.id = @TenantId
            """,
            new { subscription.TenantId, subscription.Currency },
            transaction,
            cancellationToken: cancellationToken));
        return new ShownSubscription(
            subscription.Id,
            subscription.PlanCode,
            plan,
            inForce,
            subscription.Status,
            subscription.CurrentPeriodStart,
            subscription.CurrentPeriodEnd,
            subscription.BillingPeriod,
            subscription.PriceCents,
            subscription.Currency,
            credit,
            subscription.NextPlanCode,
            subscription.CancelAt,
            subscription.PastDueSince,
            subscription.PastDueSince?.AddDays(options.Value.PastDueGraceDays),
            subscription.PausedAt,
            subscription.CanceledAt);
    }

    /// <summary>One page of invoices, newest first: a tenant's, or all.</summary>
    public async Task<(IReadOnlyList<Invoice> Items, string? NextCursor)> ListInvoicesAsync(Guid? tenantId, InvoiceFilter filter, CancellationToken cancellationToken)
    {
        var page = filter.Page();
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<Invoice>(new CommandDefinition(
            $"""
            SELECT {Invoice.Columns} FROM invoices
            WHERE (@tenantId IS NULL OR tenant_id = @tenantId) AND (@status IS NULL OR status = @status) AND (@Before IS NULL OR id < @Before) AND number IS NOT NULL
            ORDER BY id DESC LIMIT @take
            """,
            new { tenantId = tenantId?.ToString(), status = filter.Status?.Word(), Before = page.Before?.ToString(), take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut(rows, invoice => invoice.Id);
    }

    /// <summary>One invoice with its lines, of this tenant or of any.</summary>
    public async Task<ShownInvoice?> FindInvoiceAsync(Guid? tenantId, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindInvoiceAsync(connection, null, tenantId, id, cancellationToken);
    }

    /// <summary>The same within a transaction.</summary>
    public static async Task<ShownInvoice?> FindInvoiceAsync(
        DbConnection connection, DbTransaction? transaction, Guid? tenantId, Guid id, CancellationToken cancellationToken)
    {
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT {Invoice.Columns} FROM invoices WHERE id = @id AND (@tenantId IS NULL OR tenant_id = @tenantId);
            SELECT {InvoiceLine.Columns} FROM invoice_lines WHERE invoice_id = @id ORDER BY position
            """,
            new { id, tenantId = tenantId?.ToString() },
            transaction,
            cancellationToken: cancellationToken));
        var invoice = await rows.ReadSingleOrDefaultAsync<Invoice>();
        var lines = (await rows.ReadAsync<InvoiceLine>()).AsList();
        return invoice is null ? null : ShownInvoice.Of(invoice, lines);
    }
}
