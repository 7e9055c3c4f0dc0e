using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.FeatureFlags;

/// <summary>What is switched on for whom, as operators see it. The first that says something decides: the tenant's own entry, its plan's, the percentage, the default.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">What it is named by.</param>
/// <param name="Default">Whether it is on for who is not mentioned otherwise.</param>
/// <param name="Plans">Whether it is on for the tenants of a plan, by the plan's code.</param>
/// <param name="Tenants">Whether it is on for a tenant, by the tenant's id; stays so whatever plan the tenant changes to.</param>
/// <param name="Percentage">For how many of a hundred of the other tenants it is on, always the same ones; null is "as the default says".</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
internal sealed record FeatureFlag(
    Guid Id,
    [property: Example("reports.beta")] string Key,
    bool Default,
    IReadOnlyDictionary<string, bool> Plans,
    IReadOnlyDictionary<string, bool> Tenants,
    int? Percentage,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    private const int Buckets = 10_000;

    /// <summary>Whether it is on for a tenant, and what decided it.</summary>
    public EffectiveFlag For(Guid tenantId, string plan) =>
        Tenants.TryGetValue(tenantId.ToString(), out var own) ? new(Key, own, EffectiveFlag.ByTenant)
        : Plans.TryGetValue(plan, out var byPlan) ? new(Key, byPlan, EffectiveFlag.ByPlan)
        : Percentage is { } percentage ? new(Key, BucketOf(Key, tenantId) < percentage * (Buckets / 100), EffectiveFlag.ByPercentage)
        : new(Key, Default, EffectiveFlag.ByDefault);

    /// <summary>
    /// Where a tenant stands for a key: the same on every machine and for ever, evenly spread, and another for another key, so that not always the same tenants come
    /// first. Who is in at a percentage is in at every higher one.
    /// </summary>
    public static int BucketOf(string key, Guid tenantId) =>
        (int)(BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.ASCII.GetBytes($"{key}\n{tenantId}"))) % Buckets);
}

/// <summary>Whether a flag is on for the tenant.</summary>
/// <param name="Key">The flag.</param>
/// <param name="Enabled">Whether it is on.</param>
/// <param name="Reason">What decided it.</param>
internal sealed record EffectiveFlag(
    [property: Example("reports.beta")] string Key,
    bool Enabled,
    [property: Words(EffectiveFlag.ByTenant, EffectiveFlag.ByPlan, EffectiveFlag.ByPercentage, EffectiveFlag.ByDefault)] string Reason)
{
    public const string ByTenant = "tenant";
    public const string ByPlan = "plan";
    public const string ByPercentage = "percentage";
    public const string ByDefault = "default";
}
