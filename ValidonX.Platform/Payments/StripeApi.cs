using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Options;
using Stripe;
using Stripe.Checkout;

namespace ValidonX.Platform.Payments;

/// <summary>
/// What we ask of Stripe. Whatever makes something there carries an idempotency key that is made of what it is for, so asking again, by whomever and after
/// whatever crash, makes nothing twice; Stripe keeps such keys for a day.
/// </summary>
public sealed class StripeApi : IDisposable
{
    private const string Tenant = "validonx_tenant";
    private const string Invoice = "validonx_invoice";
    private const string Charge = "validonx_charge";

    private readonly StripeOptions _options;
    private readonly HttpClient _http;
    private readonly StripeClient? _client;

    public StripeApi(IOptions<StripeOptions> options)
    {
        _options = options.Value;

        // What calls us is nobody's business there, so no trace goes along.
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        })
        {
            Timeout = _options.Timeout,
        };
        _client = _options.IsOn
            ? new StripeClient(_options.SecretKey, httpClient: new SystemNetHttpClient(_http, maxNetworkRetries: 1, enableTelemetry: false), apiBase: _options.ApiBase.TrimEnd('/'))
            : null;
    }

    /// <summary>Whether there is an account at Stripe to ask.</summary>
    public bool IsOn => _client is not null;

    /// <summary>Whether Stripe takes amounts in this currency for hundredths, as we do; plans have no other currencies that it takes otherwise.</summary>
    public static bool Takes(string currency) => currency != "MGA";

    /// <summary>The tenant's customer there: the same one however often it is asked for.</summary>
    public Task<string> CreateCustomerAsync(Guid tenantId, string name, string? email, CancellationToken cancellationToken) =>
        AskAsync(
            async client =>
            {
                // Only what never changes: under the same key it has to be the same request.
                var made = await client.V1.Customers.CreateAsync(
                    new CustomerCreateOptions { Metadata = new() { [Tenant] = tenantId.ToString() } }, Under($"customer-{tenantId}"), cancellationToken);
                await client.V1.Customers.UpdateAsync(made.Id, new CustomerUpdateOptions { Name = name, Email = email }, cancellationToken: cancellationToken);
                return made.Id;
            },
            cancellationToken);

    /// <summary>The card that the customer has chosen there to be charged, if any.</summary>
    public Task<string?> FindDefaultMethodAsync(string customer, CancellationToken cancellationToken) =>
        AskAsync<string?>(async client => (await client.V1.Customers.GetAsync(customer, cancellationToken: cancellationToken)).InvoiceSettings?.DefaultPaymentMethodId, cancellationToken);

    /// <summary>Opens a page on which an invoice can be paid.</summary>
    /// <param name="asked">What is to be paid.</param>
    /// <param name="keepsCard">Whether the card may be charged again for later invoices, to which the page makes its owner agree.</param>
    /// <param name="attempt">Which page for this invoice it is; the same one is the same page.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<CheckoutPage> OpenCheckoutAsync(AskedPayment asked, bool keepsCard, int attempt, CancellationToken cancellationToken) =>
        AskAsync(
            async client => Read(await client.V1.Checkout.Sessions.CreateAsync(
                new SessionCreateOptions
                {
                    Mode = "payment",
                    Customer = asked.Customer,
                    ClientReferenceId = asked.InvoiceId.ToString(),
                    SuccessUrl = $"{_options.ReturnUrl}?payment=done",
                    CancelUrl = $"{_options.ReturnUrl}?payment=canceled",

                    // What is paid is what the invoice says, in its currency; else it would be another amount.
                    AdaptivePricing = new SessionAdaptivePricingOptions { Enabled = false },
                    LineItems =
                    [
                        new SessionLineItemOptions
                        {
                            Quantity = 1,
                            PriceData = new SessionLineItemPriceDataOptions
                            {
                                Currency = Lower(asked.Currency),
                                UnitAmount = asked.AmountCents,
                                ProductData = new SessionLineItemPriceDataProductDataOptions { Name = $"Invoice {asked.Number}" },
                            },
                        },
                    ],
                    PaymentIntentData = new SessionPaymentIntentDataOptions
                    {
                        Description = $"Invoice {asked.Number}",
                        Metadata = About(asked),
                        SetupFutureUsage = keepsCard ? "off_session" : null,
                    },
                },
                Under($"checkout-{asked.InvoiceId}-{attempt}"),
                cancellationToken)),
            cancellationToken);

    /// <summary>How such a page stands.</summary>
    public Task<CheckoutPage> FindCheckoutAsync(string id, CancellationToken cancellationToken) =>
        AskAsync(async client => Read(await client.V1.Checkout.Sessions.GetAsync(id, cancellationToken: cancellationToken)), cancellationToken);

    /// <summary>Closes such a page.</summary>
    public Task<CheckoutPage> CloseCheckoutAsync(string id, CancellationToken cancellationToken) =>
        AskAsync(async client => Read(await client.V1.Checkout.Sessions.ExpireAsync(id, cancellationToken: cancellationToken)), cancellationToken);

    /// <summary>Opens a page on which a customer sees and changes its cards.</summary>
    public Task<Uri> OpenPortalAsync(string customer, CancellationToken cancellationToken) =>
        AskAsync(
            async client => new Uri((await client.V1.BillingPortal.Sessions.CreateAsync(
                new Stripe.BillingPortal.SessionCreateOptions { Customer = customer, ReturnUrl = _options.ReturnUrl }, cancellationToken: cancellationToken)).Url),
            cancellationToken);

    /// <summary>A payment as it stands now; <see langword="null"/> when the account has none of that id.</summary>
    public async Task<CardPayment?> FindPaymentAsync(string reference, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync<CardPayment?>(
                async client => Read(await client.V1.PaymentIntents.GetAsync(reference, new PaymentIntentGetOptions { Expand = ["latest_charge"] }, cancellationToken: cancellationToken)), cancellationToken);
        }
        catch (PaymentProviderException missing) when (missing.InnerException is StripeException { HttpStatusCode: HttpStatusCode.NotFound })
        {
            return null;
        }
    }

    /// <summary>
    /// Charges a card that is kept. A card that is declined is no failure of the call: what becomes of the payment its events tell.
    /// </summary>
    public Task ChargeAsync(AskedPayment asked, string method, CancellationToken cancellationToken) =>
        AskAsync(
            async client =>
            {
                try
                {
                    await client.V1.PaymentIntents.CreateAsync(
                        new PaymentIntentCreateOptions
                        {
                            Amount = asked.AmountCents,
                            Currency = Lower(asked.Currency),
                            Customer = asked.Customer,
                            PaymentMethod = method,
                            OffSession = true,
                            Confirm = true,
                            Description = $"Invoice {asked.Number}",
                            Metadata = new(About(asked)) { [Charge] = "kept_card" },
                        },
                        Under($"charge-{asked.InvoiceId}"),
                        cancellationToken);
                }
                catch (StripeException declined) when (declined.StripeError?.Type == "card_error")
                {
                    // The payment is there, and failed.
                }

                return true;
            },
            cancellationToken);

    /// <summary>Whether a kept card was charged for an invoice since then, with whatever success: keys are forgotten after a day, payments are not.</summary>
    public Task<bool> WasChargedAsync(AskedPayment asked, DateTimeOffset since, CancellationToken cancellationToken) =>
        AskAsync(
            async client =>
            {
                var options = new PaymentIntentListOptions { Customer = asked.Customer, Created = new DateRangeOptions { GreaterThanOrEqual = since.UtcDateTime }, Limit = 100 };
                await foreach (var one in client.V1.PaymentIntents.ListAutoPagingAsync(options, cancellationToken: cancellationToken))
                {
                    if (IdIn(one.Metadata, Invoice) == asked.InvoiceId && one.Metadata.ContainsKey(Charge))
                    {
                        return true;
                    }
                }

                return false;
            },
            cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static RequestOptions Under(string key) => new() { IdempotencyKey = $"validonx-{key}" };

    private static Dictionary<string, string> About(AskedPayment asked) => new() { [Tenant] = asked.TenantId.ToString(), [Invoice] = asked.InvoiceId.ToString() };

    private static CheckoutPage Read(Session session) =>
        new(
            session.Id,
            session.Status switch
            {
                "open" => CheckoutState.Open,
                "complete" => CheckoutState.Complete,
                _ => CheckoutState.Expired,
            },
            session.Url is { } url ? new Uri(url) : null,
            Utc(session.ExpiresAt),
            session.PaymentIntentId);

    private static CardPayment Read(PaymentIntent payment) =>
        new(
            payment.Id,
            payment.CustomerId,
            IdIn(payment.Metadata, Tenant),
            IdIn(payment.Metadata, Invoice),
            payment.Status switch
            {
                "succeeded" => CardPaymentState.Succeeded,
                "requires_payment_method" when payment.LastPaymentError is not null => CardPaymentState.Failed,
                _ => CardPaymentState.Pending,
            },
            payment.AmountReceived,
            payment.Currency.ToUpperInvariant(),
            payment.LatestCharge?.AmountRefunded ?? 0,
            Utc(payment.Created),
            payment.LastPaymentError is { } error ? error.DeclineCode ?? error.Code ?? error.Type : null,
            payment.SetupFutureUsage == "off_session" ? payment.PaymentMethodId : null);

    private static Guid? IdIn(Dictionary<string, string>? metadata, string name) => metadata?.TryGetValue(name, out var text) == true && Guid.TryParseExact(text, "D", out var id) ? id : null;

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private static string Lower(string currency) => currency.ToLower(System.Globalization.CultureInfo.InvariantCulture);

    private async Task<T> AskAsync<T>(Func<StripeClient, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(_client ?? throw new InvalidOperationException("Stripe is not configured."));
        }
        catch (StripeException refused) when (refused.HttpStatusCode is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not (HttpStatusCode.TooManyRequests or HttpStatusCode.Conflict))
        {
            // Its message may quote what was sent, the key's last letters too: codes tell enough.
            var code = refused.StripeError?.Code ?? refused.StripeError?.Type ?? "no code";
            throw new PaymentProviderException($"Stripe refuses it: {(int)refused.HttpStatusCode} {code}.", isPermanent: true, refused);
        }
        catch (Exception away) when (away is StripeException or HttpRequestException || (away is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new PaymentProviderException("Stripe does not answer.", isPermanent: false, away);
        }
    }
}
