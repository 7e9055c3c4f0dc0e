using ValidonX.LicensingApi.Policies;

namespace ValidonX.LicensingApi.Activations;

/// <summary>The statuses of an activation, as stored and as shown. Whatever it is but active, its seat is free and the row stays.</summary>
internal static class ActivationStatus
{
    /// <summary>It holds a seat, if it has a lease until that ends.</summary>
    public const string Active = "active";

    /// <summary>Its vendor has freed the seat.</summary>
    public const string Revoked = "revoked";

    /// <summary>Its app has given the seat back.</summary>
    public const string Released = "released";

    /// <summary>Its lease has ended without a heartbeat.</summary>
    public const string Expired = "expired";

    /// <summary>Another machine has taken the seat over.</summary>
    public const string TakenOver = "taken_over";

    /// <summary>Why it holds no seat, in one of <see cref="Reasons"/>; <see langword="null"/> when it does.</summary>
    public static string? Reason(string status) =>
        status switch
        {
            Active => null,
            Revoked => Reasons.Revoked,
            Released => Reasons.Released,
            TakenOver => Reasons.TakenOver,
            _ => Reasons.LeaseEnded,
        };
}
