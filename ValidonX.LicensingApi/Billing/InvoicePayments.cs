using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Billing;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Billing;

/// <summary>
/// What becomes of an invoice once it is issued: paid, failed, void. It is the one place through which payments come in, whoever tells of them; each may be told
/// any number of times and counts once.
/// </summary>
internal sealed class InvoicePayments(PlatformDatabase platform, StateChanges changes, BillingCycle cycle, Metering metering, TimeProvider time)
{
    /// <summary>Whether a subscription has an open invoice.</summary>
    public static Task<bool> HasOpenAsync(DbTransaction transaction, Guid subscriptionId, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM invoices WHERE subscription_id = @subscriptionId AND status = 'open')", new { subscriptionId }, transaction, cancellationToken: cancellationToken));

    /// <summary>It was paid. A subscription that was past due for nothing else is active again.</summary>
    public Task<IResult> PayAsync(Guid id, string? note, ChangeRequest<ShownInvoice> request) =>
        SettleAsync(id, request, async (transaction, invoice, subscription, token) =>
        {
            if (invoice.State is InvoiceStatus.Void)
            {
                return ApiErrors.Conflict("The invoice is void.");
            }

            return await PaidAsync(transaction, invoice, subscription, note, request.Audit, token);
        });

    /// <summary>The same in a transaction that holds the subscription's lock, for an invoice that is not void.</summary>
    public async Task<Subscription> PaidAsync(DbTransaction transaction, Invoice invoice, Subscription subscription, string? note, AuditEvent cause, CancellationToken cancellationToken)
    {
        if (invoice.State is InvoiceStatus.Open)
        {
            await WriteAsync(transaction, invoice.Id, "status = 'paid', paid_at = @now, payment_note = @note", note, cancellationToken);
        }

        return await RecoverAsync(transaction, subscription, cause, cancellationToken);
    }

    /// <summary>A payment of it has failed: the subscription is past due from now on.</summary>
    public Task<IResult> FailAsync(Guid id, string? note, ChangeRequest<ShownInvoice> request) =>
        SettleAsync(id, request, async (transaction, invoice, subscription, token) =>
        {
            if (invoice.State is not InvoiceStatus.Open)
            {
                return ApiErrors.Conflict($"The invoice is {invoice.Status}.");
            }

            await FailedAsync(transaction, id, note, token);
            return subscription;
        });

    /// <summary>The same in a transaction that holds the subscription's lock, for an invoice that is open; the next step of the cycle makes the subscription past due.</summary>
    public Task FailedAsync(DbTransaction transaction, Guid id, string? note, CancellationToken cancellationToken) =>
        WriteAsync(transaction, id, "failed_at = COALESCE(failed_at, @now), payment_note = @note", note, cancellationToken);

    /// <summary>It is taken back. Its number stays taken.</summary>
    public Task<IResult> VoidAsync(Guid id, string? note, ChangeRequest<ShownInvoice> request) =>
        SettleAsync(id, request, async (transaction, invoice, subscription, token) =>
        {
            if (invoice.State is InvoiceStatus.Paid)
            {
                return ApiErrors.Conflict("The invoice is paid.");
            }

            if (invoice.State is InvoiceStatus.Open)
            {
                await WriteAsync(transaction, id, "status = 'void', payment_note = @note", note, token);

                // The credit that it had used is the tenant's again.
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    """
                    INSERT INTO billing_credits (id, tenant_id, currency, amount_cents, reason, invoice_id, created_at)
                    SELECT @credit, tenant_id, currency, -SUM(amount_cents), 'A void invoice had used it', invoice_id, @now FROM billing_credits
                    WHERE invoice_id = @id GROUP BY tenant_id, currency, invoice_id HAVING SUM(amount_cents) <> 0
                    """,
                    new { credit = Guid.CreateVersion7(time.GetUtcNow()), id, now = time.GetUtcNow() },
                    transaction,
                    cancellationToken: token));
            }

            return await RecoverAsync(transaction, subscription, request.Audit, token);
        });

    private Task<int> WriteAsync(DbTransaction transaction, Guid id, string set, string? note, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"UPDATE invoices SET {set} WHERE id = @id", new { id, now = time.GetUtcNow(), note }, transaction, cancellationToken: cancellationToken));

    private async Task<Subscription> RecoverAsync(DbTransaction transaction, Subscription subscription, AuditEvent cause, CancellationToken cancellationToken)
    {
        if (subscription.State is not SubscriptionStatus.PastDue)
        {
            return subscription;
        }

        var owes = await transaction.Connection!.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM invoices WHERE subscription_id = @Id AND status = 'open' AND (due_at <= @now OR failed_at IS NOT NULL))",
            new { subscription.Id, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));
        return owes
            ? subscription
            : await cycle.MoveAsync(transaction, subscription with { PastDueSince = null }, SubscriptionEvent.PaymentRecovered, "subscription.updated", cause, cancellationToken);
    }

    private async Task<IResult> SettleAsync(
        Guid id, ChangeRequest<ShownInvoice> request, Func<DbTransaction, Invoice, Subscription, CancellationToken, Task<Outcome<Subscription>>> settle)
    {
        if (await FindTenantAsync(id, request.Aborted) is not { } tenantId)
        {
            return ApiResult.Error(ApiErrors.ResourceNotFound);
        }

        var metered = await metering.ReadAsync(tenantId, time.GetUtcNow(), request.Aborted);
        return await changes.InPlatformAsync<ShownInvoice>(request, async (transaction, token) =>
        {
            // The subscription's lock is the one for all of its invoices. One of a deleted tenant has none, and nothing hangs on it.
            if (await Subscription.LockAsync(transaction, tenantId, token) is not { } subscription)
            {
                return ApiErrors.Conflict("The tenant is gone.");
            }

            var current = await cycle.AdvanceAsync(transaction, subscription, metered, request.Audit, token);
            var invoice = (await FindAsync(transaction, tenantId, id, token))!;
            var before = (await BillingQueries.FindInvoiceAsync(transaction.Connection!, transaction, null, id, token))!;
            var settled = await settle(transaction, invoice, current, token);
            if (settled.Refusal is { } refusal)
            {
                return refusal;
            }

            await cycle.AdvanceAsync(transaction, settled.Value!, metered, request.Audit, token);
            var after = (await BillingQueries.FindInvoiceAsync(transaction.Connection!, transaction, null, id, token))!;
            return new Changed<ShownInvoice>(after)
            {
                Event = (request.Audit with { TenantId = tenantId }).About("invoice", id).Changed(before, after, LicensingJson.Default.ShownInvoice),
            };
        });
    }

    /// <summary>A tenant's invoice, under the lock of its subscription.</summary>
    public static Task<Invoice?> FindAsync(DbTransaction transaction, Guid tenantId, Guid id, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<Invoice?>(new CommandDefinition(
            $"SELECT {Invoice.Columns} FROM invoices WHERE id = @id AND tenant_id = @tenantId AND number IS NOT NULL", new { id, tenantId }, transaction, cancellationToken: cancellationToken));

    private async Task<Guid?> FindTenantAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(
            "SELECT tenant_id FROM invoices WHERE id = @id AND number IS NOT NULL", new { id }, cancellationToken: cancellationToken));
    }
}
