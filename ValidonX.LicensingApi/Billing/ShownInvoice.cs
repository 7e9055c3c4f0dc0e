using System.Text.Json;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Billing;

namespace ValidonX.LicensingApi.Billing;

/// <summary>Which invoices a list shows.</summary>
internal record InvoiceFilter : ListQuery
{
    /// <summary>Only those in this state.</summary>
    public InvoiceStatus? Status { get; init; }
}

/// <summary>An invoice in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Its number.</param>
/// <param name="TenantId">Whose it is.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="SubtotalCents">What it comes to before taxes.</param>
/// <param name="TaxCents">The taxes.</param>
/// <param name="TotalCents">What is to be paid.</param>
/// <param name="PeriodStart">The time that it is about.</param>
/// <param name="PeriodEnd">Its end.</param>
/// <param name="IssuedAt">When it was issued.</param>
/// <param name="DueAt">Until when it is to be paid.</param>
/// <param name="PaidAt">When it was paid.</param>
/// <param name="FailedAt">When a payment of it last failed.</param>
internal sealed record InvoiceSummary(
    Guid Id,
    [property: Example("INV-000042")] string Number,
    Guid TenantId,
    [property: Words("open", "paid", "void")] string Status,
    string Currency,
    long SubtotalCents,
    long TaxCents,
    long TotalCents,
    DateTimeOffset PeriodStart,
    DateTimeOffset PeriodEnd,
    DateTimeOffset IssuedAt,
    DateTimeOffset? DueAt,
    DateTimeOffset? PaidAt,
    DateTimeOffset? FailedAt)
{
    public static InvoiceSummary Of(Invoice invoice) =>
        new(
            invoice.Id,
            invoice.DisplayNumber,
            invoice.TenantId,
            invoice.Status,
            invoice.Currency,
            invoice.SubtotalCents,
            invoice.TaxCents,
            invoice.AmountCents,
            invoice.PeriodStart,
            invoice.PeriodEnd,
            invoice.CreatedAt,
            invoice.DueAt,
            invoice.PaidAt,
            invoice.FailedAt);
}

/// <summary>An invoice, whole.</summary>
/// <param name="Invoice">What lists show of it.</param>
/// <param name="Seller">Who sold, as it was then.</param>
/// <param name="Customer">To whom, as it was then.</param>
/// <param name="Lines">What it is made of.</param>
internal sealed record ShownInvoice(InvoiceSummary Invoice, ShownParty Seller, ShownParty Customer, IReadOnlyList<ShownInvoiceLine> Lines)
{
    public static ShownInvoice Of(Invoice invoice, IEnumerable<InvoiceLine> lines) =>
        new(InvoiceSummary.Of(invoice), ShownParty.Of(invoice.SellerDetails), ShownParty.Of(invoice.Customer), [.. lines.Select(ShownInvoiceLine.Of)]);
}

/// <summary>One side of an invoice.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Its address, in lines.</param>
/// <param name="Country">Its country, ISO 3166.</param>
/// <param name="TaxId">Its tax number.</param>
/// <param name="Note">How to pay.</param>
internal sealed record ShownParty(string Name, string Address, string? Country, string? TaxId, string? Note)
{
    public static ShownParty Of(string json)
    {
        var party = JsonSerializer.Deserialize(json, BillingJson.Default.InvoiceParty)!;
        return new ShownParty(party.Name, party.Address, party.Country, party.TaxId, party.Note);
    }
}

/// <summary>One line of an invoice.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Description">The same for people.</param>
/// <param name="Quantity">How many.</param>
/// <param name="AmountCents">What it comes to; negative is given back.</param>
/// <param name="PeriodStart">From when on.</param>
/// <param name="PeriodEnd">Until when.</param>
/// <param name="TaxBasisPoints">The rate of a tax in hundredths of a percent.</param>
internal sealed record ShownInvoiceLine(
    [property: Words("base", "proration", "metered", "credit", "tax")] string Kind,
    string Description,
    long Quantity,
    long AmountCents,
    DateTimeOffset? PeriodStart,
    DateTimeOffset? PeriodEnd,
    int? TaxBasisPoints)
{
    public static ShownInvoiceLine Of(InvoiceLine line) =>
        new(line.Kind, line.Description, line.Quantity, line.AmountCents, line.PeriodStart, line.PeriodEnd, line.TaxBasisPoints);
}
