namespace ValidonX.LicensingApi.Entitlements;

/// <summary>What the value of a license's entitlement is.</summary>
internal static class EntitlementKind
{
    public const string Boolean = "boolean";
    public const string Number = "number";
    public const string Text = "text";
}
