namespace ValidonX.Platform.Accounts;

/// <summary>What a bearer token may be used for (CONTRACT §2).</summary>
public static class Abilities
{
    /// <summary>A tenant's user.</summary>
    public const string Tenant = "tenant";

    /// <summary>An operator of the platform.</summary>
    public const string Admin = "admin";
}
