using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Billing;

/// <summary>An invoice; a row of <c>invoices</c>. What it says never changes; how it stands does.</summary>
public sealed record Invoice
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns =
        """
        id, tenant_id, subscription_id, status, display_number, plan_code, currency, subtotal_cents, tax_cents, amount_cents, period_start, period_end, seller_details, customer,
        created_at, due_at, paid_at, failed_at, payment_note
        """;

    public Guid Id { get; init; }

    public Guid TenantId { get; init; }

    public Guid SubscriptionId { get; init; }

    /// <summary>As stored; see <see cref="State"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>Its number as people read it.</summary>
    public string DisplayNumber { get; init; } = "";

    public string? PlanCode { get; init; }

    public string Currency { get; init; } = "";

    /// <summary>Before taxes.</summary>
    public long SubtotalCents { get; init; }

    public long TaxCents { get; init; }

    /// <summary>What is to be paid.</summary>
    public long AmountCents { get; init; }

    public DateTimeOffset PeriodStart { get; init; }

    public DateTimeOffset PeriodEnd { get; init; }

    /// <summary>Who sold, as JSON of an <see cref="InvoiceParty"/>.</summary>
    public string SellerDetails { get; init; } = "{}";

    /// <summary>To whom, as JSON of an <see cref="InvoiceParty"/>.</summary>
    public string Customer { get; init; } = "{}";

    /// <summary>When it was issued.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public DateTimeOffset? PaidAt { get; init; }

    /// <summary>When a payment of it last failed.</summary>
    public DateTimeOffset? FailedAt { get; init; }

    /// <summary>What an operator noted about the payment.</summary>
    public string? PaymentNote { get; init; }

    /// <summary>How it stands.</summary>
    public InvoiceStatus State => StoredEnum.Parse<InvoiceStatus>(Status);
}

/// <summary>One side of an invoice, as it was when the invoice was issued.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Its address, in lines.</param>
/// <param name="Country">Its country, ISO 3166.</param>
/// <param name="TaxId">Its tax number.</param>
/// <param name="Note">What else is said: how to pay.</param>
public sealed record InvoiceParty(string Name, string Address, string? Country, string? TaxId, string? Note);
