using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Billing;

/// <summary>Invoices: a tenant's under <c>/v1/billing/invoices</c>, all of them, and what becomes of them, under <c>/v1/admin/invoices</c>.</summary>
internal static class InvoiceEndpoints
{
    public static void MapInvoices(this RouteGroupBuilder billing)
    {
        var invoices = billing.MapGroup("/invoices").WithTags("Billing");
        invoices.MapGet("/", (Caller caller, Query<InvoiceFilter> query, BillingQueries queries, CancellationToken token) => ListAsync(caller.Placement.TenantId, query.Value, queries, token))
            .Is("listInvoices", "Lists the tenant's invoices, newest first.", Answers.Page<InvoiceSummary>());
        invoices.MapGet("/{id}", (PathId id, Caller caller, BillingQueries queries, CancellationToken token) => GetAsync(caller.Placement.TenantId, id, queries, token))
            .Is("getInvoice", "Shows an invoice with its lines.", Answers.Ok<ShownInvoice>(), ApiErrors.ResourceNotFound);
        invoices.MapGet("/{id}/html", (HttpContext context, PathId id, Caller caller, BillingQueries queries) => PrintAsync(context, caller.Placement.TenantId, id, queries))
            .Is("printInvoice", "Gives an invoice as a page to print.", Answers.File("text/html"), ApiErrors.ResourceNotFound);
    }

    public static void MapInvoicesOfAll(this RouteGroupBuilder admin)
    {
        var invoices = admin.MapGroup("/invoices").WithTags("Billing");
        invoices.MapGet("/", (Query<InvoicesOfAll> query, BillingQueries queries, CancellationToken token) => ListAsync(query.Value.TenantId, query.Value, queries, token))
            .Is("listAllInvoices", "Lists the invoices of all tenants, or of one, newest first.", Answers.Page<InvoiceSummary>());
        invoices.MapGet("/{id}", (PathId id, BillingQueries queries, CancellationToken token) => GetAsync(null, id, queries, token))
            .Is("getInvoiceOfTenant", "Shows a tenant's invoice with its lines.", Answers.Ok<ShownInvoice>(), ApiErrors.ResourceNotFound);
        invoices.MapGet("/{id}/html", (HttpContext context, PathId id, BillingQueries queries) => PrintAsync(context, null, id, queries))
            .Is("printInvoiceOfTenant", "Gives a tenant's invoice as a page to print.", Answers.File("text/html"), ApiErrors.ResourceNotFound);
        Settle("pay", "payInvoice", "Notes that an invoice was paid; a subscription that was past due for it is active again.", "invoice.paid", payments => payments.PayAsync);
        Settle("fail", "failInvoice", "Notes that a payment of an invoice has failed; its subscription is past due.", "invoice.payment_failed", payments => payments.FailAsync);
        Settle("void", "voidInvoice", "Takes an open invoice back; its number stays taken.", "invoice.voided", payments => payments.VoidAsync);

        void Settle(string verb, string operation, string summary, string action, Func<InvoicePayments, Func<Guid, string?, ChangeRequest<ShownInvoice>, Task<IResult>>> settle) =>
            invoices.MapPost(
                $"/{{id}}/{verb}",
                (HttpContext context, PathId id, Body<Settlement> body, InvoicePayments payments) => settle(payments)(id, body.Value.Note, context.Change<ShownInvoice>(action, null, Show)))
                .Is(operation, summary, Answers.Ok<ShownInvoice>(), ApiErrors.ResourceNotFound, ApiErrors.Conflict("The invoice is void."));
    }

    private static async Task<IResult> ListAsync(Guid? tenantId, InvoiceFilter filter, BillingQueries queries, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await queries.ListInvoicesAsync(tenantId, filter, cancellationToken);
        return ApiResult.Page<IReadOnlyList<InvoiceSummary>>([.. items.Select(InvoiceSummary.Of)], LicensingJson.Default.IReadOnlyListInvoiceSummary, nextCursor);
    }

    private static async Task<IResult> GetAsync(Guid? tenantId, Guid id, BillingQueries queries, CancellationToken cancellationToken) =>
        await queries.FindInvoiceAsync(tenantId, id, cancellationToken) is { } invoice ? Show(invoice) : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static async Task PrintAsync(HttpContext context, Guid? tenantId, Guid id, BillingQueries queries)
    {
        if (await queries.FindInvoiceAsync(tenantId, id, context.RequestAborted) is { } invoice)
        {
            await InvoicePage.WriteAsync(context, invoice);
        }
        else
        {
            await Envelope.WriteErrorAsync(context, ApiErrors.ResourceNotFound);
        }
    }

    private static IApiResult Show(ShownInvoice invoice) => ApiResult.Ok(invoice, LicensingJson.Default.ShownInvoice);
}

/// <summary>Which invoices an operator's list shows.</summary>
internal sealed record InvoicesOfAll : InvoiceFilter
{
    /// <summary>Only this tenant's.</summary>
    public Guid? TenantId { get; init; }
}

/// <summary>What became of an invoice.</summary>
internal sealed record Settlement : IRequest
{
    /// <inheritdoc/>
    public static bool IsOptional => true;

    /// <summary>What the operator wants to keep with it, such as the bank's reference.</summary>
    [Text(200)]
    [Example("Transfer 2026-04-03, ref. 4711")]
    public string? Note { get; init; }
}
