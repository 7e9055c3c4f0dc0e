using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Payments;

/// <summary>Payments by card: where a tenant pays, under <c>/v1/billing</c>; what came in and what becomes of it, under <c>/v1/admin/payments</c>.</summary>
internal static class PaymentEndpoints
{
    public static void MapCardPayments(this RouteGroupBuilder billing)
    {
        var pages = billing.MapGroup("").WithTags("Billing").For(Permissions.ManageBilling);
        pages.MapPost(
            "/checkout",
            (HttpContext context, Caller caller, Body<CheckoutRequest> body, OpenCheckout checkout) =>
                checkout.HandleAsync(caller, body.Value, context.Change<PaymentPage>("billing.checkout_opened", caller.Placement.TenantId, Show)))
            .Is(new Operation("openCheckout", "Opens a page on which an invoice can be paid by card.", [Answers.Created<PaymentPage>()])
            {
                Description = "An invoice has one such page at a time; asking again gives the same one while it can be paid on. The invoice is paid when the provider has told of the "
                    + "money, usually within seconds of the payment: the return of the browser proves nothing.",
                Errors = [ApiErrors.ResourceNotFound, PaymentErrors.NotSetUp, PaymentErrors.Refused, PaymentErrors.Away],
            });
        pages.MapPost(
            "/portal",
            (HttpContext context, Caller caller, OpenPortal portal) => portal.HandleAsync(caller, context.Change<PaymentPage>("billing.portal_opened", caller.Placement.TenantId, Show)))
            .NeverReplay()
            .Is("openBillingPortal", "Opens a page on which the tenant's cards can be seen and changed.", Answers.Created<PaymentPage>(), PaymentErrors.NotSetUp, PaymentErrors.Refused, PaymentErrors.Away);
    }

    public static void MapPayments(this RouteGroupBuilder admin)
    {
        var payments = admin.MapGroup("/payments").WithTags("Billing");
        payments.MapGet("/", ListAsync).Is("listPayments", "Lists what came in through payment providers, newest first.", Answers.Page<ShownPayment>());
        payments.MapGet("/{id}", GetAsync).Is("getPayment", "Shows a payment.", Answers.Ok<ShownPayment>(), ApiErrors.ResourceNotFound);
        payments.MapPost(
            "/{id}/credit",
            (HttpContext context, PathId id, CreditPayment credit) => credit.HandleAsync(id, context.Change<Payment>("payment.credited", null, Show)))
            .Is(
                "creditPayment",
                "Makes a payment that has paid nothing the tenant's credit.",
                Answers.Ok<ShownPayment>(),
                ApiErrors.ResourceNotFound,
                ApiErrors.Conflict("The payment has paid its invoice."));
    }

    private static async Task<IResult> ListAsync(Query<PaymentFilter> query, PaymentQueries payments, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await payments.ListAsync(query.Value, cancellationToken);
        return ApiResult.Page<IReadOnlyList<ShownPayment>>([.. items.Select(ShownPayment.Of)], LicensingJson.Default.IReadOnlyListShownPayment, nextCursor);
    }

    private static async Task<IResult> GetAsync(PathId id, PaymentQueries payments, CancellationToken cancellationToken) =>
        await payments.FindAsync(id, cancellationToken) is { } payment ? Show(payment) : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static IApiResult Show(PaymentPage page) => ApiResult.Created(page, LicensingJson.Default.PaymentPage);

    private static IApiResult Show(Payment payment) => ApiResult.Ok(ShownPayment.Of(payment), LicensingJson.Default.ShownPayment);
}
