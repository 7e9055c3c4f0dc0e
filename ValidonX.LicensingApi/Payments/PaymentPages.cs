using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Payments;

/// <summary>What is to be paid by card.</summary>
internal sealed record CheckoutRequest : IRequest
{
    /// <summary>An open invoice of the tenant's.</summary>
    public required Guid InvoiceId { get; init; }

    /// <summary>Whether the card is to be charged for later invoices too, by itself; the page asks its owner to agree.</summary>
    public bool KeepCard { get; init; }
}

/// <summary>A page of the payment provider's, for the browser of the one who pays.</summary>
/// <param name="Url">Its address; whoever has it can pay on it.</param>
/// <param name="ExpiresAt">Until when it is of use.</param>
internal sealed record PaymentPage([property: Example("https://checkout.stripe.com/c/pay/cs_test_a1")] string Url, DateTimeOffset? ExpiresAt);
