using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Payments;

/// <summary>Money that came in through a provider; a row of <c>payments</c>. What it says of the money never changes; what becomes of it does.</summary>
internal sealed record Payment
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "id, provider, reference, tenant_id, invoice_id, amount_cents, currency, status, reason, refunded_cents, dispute, paid_at, created_at";

    /// <summary>The provider there is.</summary>
    public const string Stripe = "stripe";

    public Guid Id { get; init; }

    public string Provider { get; init; } = "";

    /// <summary>Its id at the provider.</summary>
    public string Reference { get; init; } = "";

    public Guid TenantId { get; init; }

    /// <summary>The invoice that it was meant for, if that is one of the tenant's.</summary>
    public Guid? InvoiceId { get; init; }

    public long AmountCents { get; init; }

    public string Currency { get; init; } = "";

    /// <summary>As stored; see <see cref="State"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>Why it is unapplied, a word of <see cref="UnappliedReason"/>.</summary>
    public string? Reason { get; init; }

    public long RefundedCents { get; init; }

    /// <summary>How the bank of the one who paid takes it back, a word of <see cref="PaymentDispute"/>.</summary>
    public string? Dispute { get; init; }

    public DateTimeOffset PaidAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>What has become of it.</summary>
    public PaymentStatus State => StoredEnum.Parse<PaymentStatus>(Status);
}

/// <summary>What has become of money that came in.</summary>
internal enum PaymentStatus
{
    /// <summary>It has paid its invoice.</summary>
    Applied,

    /// <summary>It has paid nothing; an operator decides.</summary>
    Unapplied,

    /// <summary>An operator has made it the tenant's credit.</summary>
    Credited,
}

/// <summary>Why money has paid nothing.</summary>
internal enum UnappliedReason
{
    /// <summary>The invoice had been paid otherwise.</summary>
    AlreadyPaid,

    /// <summary>The invoice had been taken back.</summary>
    Void,

    /// <summary>It is another amount, or another currency, than the invoice's.</summary>
    AmountDiffers,

    /// <summary>It names no invoice of this tenant.</summary>
    NoInvoice,

    /// <summary>Its customer at the provider is not the tenant's.</summary>
    OtherCustomer,

    /// <summary>The tenant is deleted.</summary>
    TenantGone,
}

/// <summary>How a chargeback stands. What comes later in this list never becomes what comes before.</summary>
internal enum PaymentDispute
{
    /// <summary>The bank asks, or has taken the money; evidence may be sent.</summary>
    Open,

    /// <summary>The money stays, or is back.</summary>
    Won,

    /// <summary>The money is gone.</summary>
    Lost,
}
