using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Payments;

namespace ValidonX.Platform.Billing;

/// <summary>
/// Issues invoices. The number is taken under a lock that lasts until the commit, so a transaction that dies, at whatever instant, has taken none, and of several
/// at once each waits for the one before: there are no gaps and no doubles.
/// </summary>
public sealed class Invoicing(IOptions<BillingOptions> options, AuditLog audit, TimeProvider time)
{
    /// <summary>
    /// Issues an invoice about these lines, less the tenant's credit, plus the taxes of its country. Lines that come to nothing make none; when they come to less
    /// than nothing it becomes credit.
    /// </summary>
    /// <param name="transaction">Holds the subscription's lock.</param>
    /// <param name="subscription">Whose.</param>
    /// <param name="lines">Before credit and taxes, in their order.</param>
    /// <param name="start">The time that it is about.</param>
    /// <param name="end">Its end.</param>
    /// <param name="cause">Who causes it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its id, if there is one.</returns>
    public async Task<Guid?> IssueAsync(
        DbTransaction transaction,
        Subscription subscription,
        IReadOnlyList<InvoiceLine> lines,
        DateTimeOffset start,
        DateTimeOffset end,
        AuditEvent cause,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (tenantId, currency) = (subscription.TenantId, subscription.Currency);
        var sum = lines.Sum(line => line.AmountCents);
        if (sum <= 0)
        {
            if (sum < 0)
            {
                await Credits.AddAsync(transaction, tenantId, currency, -sum, Reason(lines), null, now, cancellationToken);
            }

            return null;
        }

        var id = Guid.CreateVersion7(now);
        List<InvoiceLine> all = [.. lines];
        var credit = Math.Min(await Credits.BalanceAsync(transaction, tenantId, currency, cancellationToken), sum);
        if (credit > 0)
        {
            all.Add(new InvoiceLine { Kind = InvoiceLineKind.Credit.Word(), Description = "Credit", AmountCents = -credit });
        }

        var subtotal = sum - Math.Max(credit, 0);
        var customer = await CustomerAsync(transaction, tenantId, cancellationToken);
        all.AddRange(await TaxesAsync(transaction, customer.Country, subtotal, now, cancellationToken));
        var tax = all.Where(line => line.TaxBasisPoints is not null).Sum(line => line.AmountCents);
        var settings = options.Value;
        var seller = new InvoiceParty(settings.SellerName, settings.SellerAddress, null, NullIfEmpty(settings.SellerTaxId), NullIfEmpty(settings.PaymentInstructions));
        var status = subtotal + tax == 0 ? InvoiceStatus.Paid : InvoiceStatus.Open;
        var (number, shownNumber) = await NumberAsync(transaction, cancellationToken);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO invoices (id, tenant_id, subscription_id, status, seller, number, display_number, plan_code, currency, subtotal_cents, tax_cents, amount_cents, period_start, period_end,
              seller_details, customer, created_at, due_at, paid_at)
            VALUES (@id, @tenantId, @subscription, @status, @Seller, @number, @shownNumber, @plan, @currency, @subtotal, @tax, @total, @start, @end,
              @sellerDetails, @customer, @now, @due, @paid)
            """,
            new
            {
                id,
                tenantId,
                subscription = subscription.Id,
                status = status.Word(),
                settings.Seller,
                number,
                shownNumber,
                plan = subscription.PlanCode,
                currency,
                subtotal,
                tax,
                total = subtotal + tax,
                start,
                end,
                sellerDetails = JsonSerializer.Serialize(seller, BillingJson.Default.InvoiceParty),
                customer = JsonSerializer.Serialize(customer, BillingJson.Default.InvoiceParty),
                now,
                due = now.AddDays(settings.PaymentTermDays),
                paid = status == InvoiceStatus.Paid ? now : (DateTimeOffset?)null,
            },
            transaction,
            cancellationToken: cancellationToken));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO invoice_lines (invoice_id, position, kind, description, quantity, amount_cents, period_start, period_end, tax_basis_points)
            VALUES (@id, @position, @Kind, @Description, @Quantity, @AmountCents, @PeriodStart, @PeriodEnd, @TaxBasisPoints)
            """,
            all.Select((line, index) => new
            {
                id,
                position = index + 1,
                line.Kind,
                line.Description,
                line.Quantity,
                line.AmountCents,
                line.PeriodStart,
                line.PeriodEnd,
                line.TaxBasisPoints,
            }),
            transaction,
            cancellationToken: cancellationToken));
        if (credit > 0)
        {
            await Credits.AddAsync(transaction, tenantId, currency, -credit, "Used by an invoice", id, now, cancellationToken);
        }

        if (status == InvoiceStatus.Open)
        {
            await CollectInvoiceJob.EnqueueAsync(transaction, tenantId, id, cancellationToken);
        }

        await audit.WriteAsync(
            transaction,
            cause.About("invoice", id) with
            {
                Action = "invoice.issued",
                TenantId = tenantId,
                Details = new JsonObject { ["number"] = shownNumber, ["amount_cents"] = subtotal + tax, ["currency"] = currency }.ToJsonString(),
            },
            cancellationToken);
        return id;
    }

    private async Task<(long Number, string Shown)> NumberAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        var number = await transaction.Connection!.QuerySingleAsync<long>(new CommandDefinition(
            """
            INSERT INTO invoice_series (seller, last_number) VALUES (@Seller, 1) ON DUPLICATE KEY UPDATE last_number = last_number + 1;
            SELECT CAST(last_number AS SIGNED) FROM invoice_series WHERE seller = @Seller
            """,
            new { options.Value.Seller },
            transaction,
            cancellationToken: cancellationToken));
        return (number, $"{options.Value.InvoicePrefix}{number.ToString("D6", CultureInfo.InvariantCulture)}");
    }

    private static async Task<InvoiceParty> CustomerAsync(DbTransaction transaction, Guid tenantId, CancellationToken cancellationToken)
    {
        var row = await transaction.Connection!.QuerySingleAsync<(string Tenant, string? Name, string? Address, string? Country, string? TaxId)>(new CommandDefinition(
            "SELECT t.name, d.name, d.address, d.country, d.tax_id FROM tenants t LEFT JOIN billing_details d ON d.tenant_id = t.id WHERE t.id = @tenantId",
            new { tenantId },
            transaction,
            cancellationToken: cancellationToken));
        return new InvoiceParty(row.Name ?? row.Tenant, row.Address ?? "", row.Country, row.TaxId, null);
    }

    private static async Task<IEnumerable<InvoiceLine>> TaxesAsync(
        DbTransaction transaction, string? country, long subtotal, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rates = await transaction.Connection!.QueryAsync<(string Name, long BasisPoints)>(new CommandDefinition(
            """
            SELECT name, CAST(basis_points AS SIGNED) FROM tax_rates
            WHERE country = @country AND valid_from <= @now AND (valid_until IS NULL OR valid_until > @now) ORDER BY name, id
            """,
            new { country, now },
            transaction,
            cancellationToken: cancellationToken));
        return rates.Select(rate => new InvoiceLine
        {
            Kind = InvoiceLineKind.Tax.Word(),
            Description = rate.Name,
            AmountCents = Tax.Of(subtotal, (int)rate.BasisPoints),
            TaxBasisPoints = (int)rate.BasisPoints,
        });
    }

    private static string Reason(IReadOnlyList<InvoiceLine> lines)
    {
        var text = string.Join("; ", lines.Select(line => line.Description));
        return text.Length <= 300 ? text : text[..300];
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
