namespace ValidonX.Coherence;

/// <summary>
/// How a cached entry is called in messages: <c>tenant:{tenant_id}:{type}:{id}</c>, or <c>platform:{type}:{id}</c> for what is looked up before a tenant is known.
/// </summary>
internal static class CacheNames
{
    internal const string TenantPrefix = "tenant:";
    internal const string PlatformPrefix = "platform:";
    private const int MaximumIdLength = 512;

    /// <summary>Name of a tenant's entry.</summary>
    /// <exception cref="ArgumentException">The tenant's id is empty, or type or id are not of their form.</exception>
    public static string OfTenant(Guid tenantId, string type, string id)
    {
        if (tenantId == Guid.Empty)
        {
            throw new ArgumentException("A tenant's entry needs a tenant.", nameof(tenantId));
        }

        return $"{TenantPrefix}{tenantId:D}:{CheckedType(type)}:{CheckedId(id)}";
    }

    /// <summary>Name of an entry that is found without a tenant.</summary>
    /// <exception cref="ArgumentException">Type or id are not of their form.</exception>
    public static string OfPlatform(string type, string id) => $"{PlatformPrefix}{CheckedType(type)}:{CheckedId(id)}";

    /// <summary>Lower-case letters, digits and hyphens.</summary>
    internal static string CheckedType(string type) =>
        type.Length > 0 && type.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            ? type
            : throw new ArgumentException($"'{type}' is not a cache type: lower-case letters, digits and hyphens.", nameof(type));

    private static string CheckedId(string id) =>
        id.Length is > 0 and <= MaximumIdLength && !id.Any(char.IsControl)
            ? id
            : throw new ArgumentException($"An entry's id has 1 to {MaximumIdLength} characters and no control characters.", nameof(id));
}
