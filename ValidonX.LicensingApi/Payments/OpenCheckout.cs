using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using ValidonX.LicensingApi.Billing;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Billing;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Payments;

namespace ValidonX.LicensingApi.Payments;

/// <summary>
/// Opens the page at Stripe on which an invoice can be paid. An invoice has one such page at a time, so nobody pays it on two: asking again gives the same page
/// while it is open, and only when it has expired, or the card is to be kept and was not, another one.
/// </summary>
internal sealed partial class OpenCheckout(
    PlatformDatabase platform, StripeApi stripe, StripeCustomers customers, BillingQueries invoices, StateChanges changes, TimeProvider time, ILogger<OpenCheckout> logger)
{
    private static readonly ApiError UnderWay = ApiErrors.Conflict("The invoice has just been paid by card; the payment is on its way.");

    /// <summary>Answers with the page.</summary>
    public async Task<IResult> HandleAsync(Caller caller, CheckoutRequest asked, ChangeRequest<PaymentPage> request)
    {
        var tenantId = caller.Placement.TenantId;
        if (!stripe.IsOn)
        {
            return ApiResult.Error(PaymentErrors.NotSetUp);
        }

        if (await invoices.FindInvoiceAsync(tenantId, asked.InvoiceId, request.Aborted) is not { Invoice: var invoice })
        {
            return ApiResult.Error(ApiErrors.ResourceNotFound);
        }

        if (invoice.Status != InvoiceStatus.Open.Word())
        {
            return ApiResult.Error(ApiErrors.Conflict($"The invoice is {invoice.Status}."));
        }

        if (!StripeApi.Takes(invoice.Currency))
        {
            return ApiResult.Error(ApiErrors.Conflict("The invoice's currency cannot be paid by card."));
        }

        try
        {
            var customer = await customers.GetAsync(tenantId, caller.Id, request.Aborted);
            var payment = new AskedPayment(customer, tenantId, invoice.Id, invoice.Number, invoice.TotalCents, invoice.Currency);
            var (attempt, page) = await FindOpenAsync(payment, asked.KeepCard, request.Aborted);
            if (page is { State: CheckoutState.Complete })
            {
                return ApiResult.Error(UnderWay);
            }

            page ??= await stripe.OpenCheckoutAsync(payment, asked.KeepCard, attempt, request.Aborted);
            return await KeepAsync(payment, attempt, page, request);
        }
        catch (PaymentProviderException failure)
        {
            Log.NotOpened(logger, invoice.Id, failure.Message);
            return ApiResult.Error(PaymentErrors.Of(failure));
        }
    }

    /// <summary>The invoice's page, when it can be paid on or was; else which attempt at one is the next.</summary>
    private async Task<(int Attempt, CheckoutPage? Page)> FindOpenAsync(AskedPayment payment, bool keepsCard, CancellationToken cancellationToken)
    {
        var row = await platform.TransactAsync(
            async (transaction, token) => await ReadAsync(transaction, payment, keepsCard, token), cancellationToken);
        if (row.SessionId is { } session)
        {
            var page = await stripe.FindCheckoutAsync(session, cancellationToken);
            if (page.State is CheckoutState.Open && row.KeepsCard != keepsCard)
            {
                page = await stripe.CloseCheckoutAsync(session, cancellationToken);
            }

            if (page.State is CheckoutState.Open || (page.State is CheckoutState.Complete && !await HasFailedAsync(page, cancellationToken)))
            {
                return (row.Attempt, page);
            }
        }
        else if (row.KeepsCard == keepsCard)
        {
            // Nobody has written down what became of this attempt: it is made again, under the same key.
            return (row.Attempt, null);
        }

        return (await NextAsync(payment, row, keepsCard, cancellationToken), null);
    }

    /// <summary>A debit that a bank gives back days later leaves a page that is complete, and an invoice that is not paid.</summary>
    private async Task<bool> HasFailedAsync(CheckoutPage page, CancellationToken cancellationToken) =>
        page.Payment is { } payment && await stripe.FindPaymentAsync(payment, cancellationToken) is { State: CardPaymentState.Failed };

    private async Task<Row> ReadAsync(DbTransaction transaction, AskedPayment payment, bool keepsCard, CancellationToken cancellationToken) =>
        await transaction.Connection!.QuerySingleAsync<Row>(new CommandDefinition(
            """
            INSERT IGNORE INTO stripe_checkouts (invoice_id, tenant_id, attempt, keeps_card, updated_at) VALUES (@InvoiceId, @TenantId, 1, @keepsCard, @now);
            SELECT CAST(attempt AS SIGNED) AS attempt, keeps_card, session_id FROM stripe_checkouts WHERE invoice_id = @InvoiceId FOR UPDATE
            """,
            new { payment.InvoiceId, payment.TenantId, keepsCard, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>Of several who find the page expired, the first begins the next attempt and the others join it.</summary>
    private async Task<int> NextAsync(AskedPayment payment, Row seen, bool keepsCard, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleAsync<int>(new CommandDefinition(
            """
            UPDATE stripe_checkouts SET attempt = attempt + 1, keeps_card = @keepsCard, session_id = NULL, updated_at = @now WHERE invoice_id = @InvoiceId AND attempt = @Attempt;
            SELECT CAST(attempt AS SIGNED) FROM stripe_checkouts WHERE invoice_id = @InvoiceId
            """,
            new { payment.InvoiceId, seen.Attempt, keepsCard, now = time.GetUtcNow() },
            cancellationToken: cancellationToken));
    }

    private Task<IResult> KeepAsync(AskedPayment payment, int attempt, CheckoutPage page, ChangeRequest<PaymentPage> request) =>
        changes.InPlatformAsync<PaymentPage>(request, async (transaction, token) =>
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE stripe_checkouts SET session_id = @Id, updated_at = @now WHERE invoice_id = @InvoiceId AND attempt = @attempt",
                new { page.Id, payment.InvoiceId, attempt, now = time.GetUtcNow() },
                transaction,
                cancellationToken: token));
            return page.Url is null
                ? UnderWay
                : new Changed<PaymentPage>(new PaymentPage(page.Url.AbsoluteUri, page.ExpiresAt))
                {
                    Event = request.Audit.About("invoice", payment.InvoiceId) with
                    {
                        Details = new JsonObject { ["provider"] = Payment.Stripe, ["session"] = page.Id, ["amount_cents"] = payment.AmountCents, ["currency"] = payment.Currency }.ToJsonString(),
                    },
                };
        });

    private sealed record Row
    {
        public int Attempt { get; init; }

        public bool KeepsCard { get; init; }

        public string? SessionId { get; init; }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "No page to pay invoice {InvoiceId} on could be opened. {Reason}")]
        public static partial void NotOpened(ILogger logger, Guid invoiceId, string reason);
    }
}
