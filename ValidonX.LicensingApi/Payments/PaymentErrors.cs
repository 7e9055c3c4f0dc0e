using ValidonX.Platform.Api;
using ValidonX.Platform.Payments;

namespace ValidonX.LicensingApi.Payments;

/// <summary>How payments by card are refused.</summary>
internal static class PaymentErrors
{
    /// <summary>There is no account at Stripe.</summary>
    public static ApiError NotSetUp { get; } = ApiErrors.Conflict("Payments by card are not set up on this platform.");

    /// <summary>Stripe said no.</summary>
    public static ApiError Refused { get; } = ApiErrors.BadGateway with { Message = "The payment provider refused; the operators of this platform see why." };

    /// <summary>Stripe says nothing.</summary>
    public static ApiError Away { get; } = ApiErrors.Unavailable with { Message = "The payment provider does not answer; try again." };

    /// <summary>What the caller is told of a failure of Stripe's.</summary>
    public static ApiError Of(PaymentProviderException failure) => failure.IsPermanent ? Refused : Away;
}
