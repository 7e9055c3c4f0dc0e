using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Payments;

/// <summary>Which payments a list shows.</summary>
internal sealed record PaymentFilter : ListQuery
{
    /// <summary>Only this tenant's.</summary>
    public Guid? TenantId { get; init; }

    /// <summary>Only those of which this has become.</summary>
    public PaymentStatus? Status { get; init; }
}

/// <summary>Money that came in through a payment provider.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Provider">Through whom.</param>
/// <param name="Reference">Its id there.</param>
/// <param name="TenantId">From whom.</param>
/// <param name="InvoiceId">The invoice that it was meant for.</param>
/// <param name="AmountCents">How much.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Status">What has become of it.</param>
/// <param name="Reason">Why it is unapplied.</param>
/// <param name="RefundedCents">What of it was paid back at the provider.</param>
/// <param name="Dispute">How a chargeback of it stands.</param>
/// <param name="PaidAt">When it was begun there.</param>
internal sealed record ShownPayment(
    Guid Id,
    [property: Words("stripe")] string Provider,
    [property: Example("pi_3Q1")] string Reference,
    Guid TenantId,
    Guid? InvoiceId,
    long AmountCents,
    string Currency,
    [property: Words("applied", "unapplied", "credited")] string Status,
    [property: Words("already_paid", "void", "amount_differs", "no_invoice", "other_customer", "tenant_gone")] string? Reason,
    long RefundedCents,
    [property: Words("open", "won", "lost")] string? Dispute,
    DateTimeOffset PaidAt)
{
    public static ShownPayment Of(Payment payment) =>
        new(
            payment.Id,
            payment.Provider,
            payment.Reference,
            payment.TenantId,
            payment.InvoiceId,
            payment.AmountCents,
            payment.Currency,
            payment.Status,
            payment.Reason,
            payment.RefundedCents,
            payment.Dispute,
            payment.PaidAt);
}
