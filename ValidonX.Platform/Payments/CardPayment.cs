namespace ValidonX.Platform.Payments;

/// <summary>A payment as Stripe has it now (a PaymentIntent), whatever was told of it and in whatever order.</summary>
/// <param name="Reference">Its id there.</param>
/// <param name="Customer">Whose it is there.</param>
/// <param name="TenantId">For which of our tenants it was begun, if by us.</param>
/// <param name="InvoiceId">For which invoice.</param>
/// <param name="State">How it stands.</param>
/// <param name="ReceivedCents">What was paid, in hundredths.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="RefundedCents">What of it was paid back.</param>
/// <param name="PaidAt">When it was begun there.</param>
/// <param name="Failure">Why its last try failed, in a word of Stripe's.</param>
/// <param name="KeptMethod">The card that its owner agreed to be charged again.</param>
public sealed record CardPayment(
    string Reference,
    string? Customer,
    Guid? TenantId,
    Guid? InvoiceId,
    CardPaymentState State,
    long ReceivedCents,
    string Currency,
    long RefundedCents,
    DateTimeOffset PaidAt,
    string? Failure,
    string? KeptMethod);

/// <summary>How a payment stands.</summary>
public enum CardPaymentState
{
    /// <summary>Nothing is decided.</summary>
    Pending,

    /// <summary>The money is there. It never becomes anything else; what is paid back is counted beside it.</summary>
    Succeeded,

    /// <summary>The last try has failed; it may be tried again.</summary>
    Failed,
}

/// <summary>A page of Stripe's on which an invoice can be paid.</summary>
/// <param name="Id">Its id there.</param>
/// <param name="State">How it stands.</param>
/// <param name="Url">Its address, while it is open.</param>
/// <param name="ExpiresAt">Until when it can be paid on.</param>
/// <param name="Payment">The payment that was begun on it.</param>
public sealed record CheckoutPage(string Id, CheckoutState State, Uri? Url, DateTimeOffset ExpiresAt, string? Payment);

/// <summary>How such a page stands.</summary>
public enum CheckoutState
{
    /// <summary>It can be paid on.</summary>
    Open,

    /// <summary>It was; whether the money is there its payment tells.</summary>
    Complete,

    /// <summary>It cannot be paid on any more.</summary>
    Expired,
}

/// <summary>What is to be paid.</summary>
/// <param name="Customer">By whom.</param>
/// <param name="TenantId">The same, as we know it.</param>
/// <param name="InvoiceId">Which invoice.</param>
/// <param name="Number">Its number as people read it.</param>
/// <param name="AmountCents">How much.</param>
/// <param name="Currency">ISO 4217.</param>
public sealed record AskedPayment(string Customer, Guid TenantId, Guid InvoiceId, string Number, long AmountCents, string Currency);
