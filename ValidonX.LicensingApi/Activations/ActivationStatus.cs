namespace ValidonX.LicensingApi.Activations;

/// <summary>The statuses of an activation, as stored and as shown.</summary>
internal static class ActivationStatus
{
    /// <summary>It holds a seat.</summary>
    public const string Active = "active";

    /// <summary>Its seat is free again; the row stays.</summary>
    public const string Revoked = "revoked";
}
