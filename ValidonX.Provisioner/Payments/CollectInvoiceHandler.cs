using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Payments;

namespace ValidonX.Provisioner.Payments;

/// <summary>
/// Runs the jobs of kind <c>collect_invoice</c>: charges a tenant's kept card for an open invoice, once, however often it is cut off. What becomes of the money
/// Stripe's events tell the licensing API, as with any other payment; here nothing is paid.
/// </summary>
internal sealed class CollectInvoiceHandler(PlatformDatabase platform, StripeApi stripe) : IJobHandler
{
    /// <summary>Clocks differ; a payment is looked for from well before its invoice.</summary>
    private static readonly TimeSpan Earlier = TimeSpan.FromDays(1);

    public string Kind => CollectInvoiceJob.Kind;

    public async Task HandleAsync(JobLease lease, CancellationToken cancellationToken)
    {
        if (await FindAsync(lease.Job, cancellationToken) is not { } invoice || !StripeApi.Takes(invoice.Currency))
        {
            // Settled otherwise meanwhile, or the card was taken away.
            return;
        }

        if (!stripe.IsOn)
        {
            throw new JobFailedException("Payments by card are not set up in the provisioner.");
        }

        try
        {
            var asked = new AskedPayment(invoice.CustomerId, lease.Job.TenantId, invoice.Id, invoice.DisplayNumber, invoice.AmountCents, invoice.Currency);
            if (!await stripe.WasChargedAsync(asked, invoice.CreatedAt - Earlier, cancellationToken))
            {
                lease.ThrowIfLost();
                await stripe.ChargeAsync(asked, invoice.PaymentMethod, cancellationToken);
            }
        }
        catch (PaymentProviderException failure)
        {
            // Also what Stripe refuses is tried again: a key that has run out is replaced sooner than the tries are used up. Its own words for that quote the key's end.
            throw new JobFailedException(failure.Message, inner: failure.IsPermanent ? null : failure);
        }
    }

    public void RecordFailure(LeasedWrites writes, Job job, JobFailure failure)
    {
        // The invoice is still open, and becomes overdue in its time.
    }

    private async Task<Row?> FindAsync(Job job, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Row?>(new CommandDefinition(
            """
            SELECT i.id, i.display_number, i.amount_cents, i.currency, i.created_at, c.customer_id, c.payment_method
            FROM invoices i JOIN stripe_customers c ON c.tenant_id = i.tenant_id
            WHERE i.id = @invoice AND i.tenant_id = @TenantId AND i.status = 'open' AND c.payment_method IS NOT NULL
            """,
            new { invoice = CollectInvoiceJob.InvoiceOf(job), job.TenantId },
            cancellationToken: cancellationToken));
    }

    private sealed record Row
    {
        public Guid Id { get; init; }

        public string DisplayNumber { get; init; } = "";

        public long AmountCents { get; init; }

        public string Currency { get; init; } = "";

        public DateTimeOffset CreatedAt { get; init; }

        public string CustomerId { get; init; } = "";

        public string PaymentMethod { get; init; } = "";
    }
}
