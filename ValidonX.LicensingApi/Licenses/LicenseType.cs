namespace ValidonX.LicensingApi.Licenses;

/// <summary>The types of a licence, as stored and as shown.</summary>
internal static class LicenseType
{
    public const string Perpetual = "perpetual";
    public const string Subscription = "subscription";
    public const string Trial = "trial";
    public const string Floating = "floating";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Perpetual, Subscription, Trial, Floating];
}
