using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ValidonX.Coherence;

/// <summary>What a committed change makes stale: one entry, all of a tenant, or everything.</summary>
public sealed record Invalidation
{
    private const string EverythingName = "*";
    private const int TenantIdLength = 36;

    private Invalidation(InvalidationScope scope, string name, Guid tenantId = default, string type = "", string id = "")
    {
        (Scope, Name, TenantId, Type, Id) = (scope, name, tenantId, type, id);
    }

    /// <summary>Every entry of every tenant and of the platform: for changes to what they all are made from, such as plans.</summary>
    public static Invalidation Everything { get; } = new(InvalidationScope.Everything, EverythingName);

    internal InvalidationScope Scope { get; }

    /// <summary>The form in which it travels.</summary>
    public string Name { get; }

    /// <summary>The tenant, or <see cref="Guid.Empty"/> for the platform and for everything.</summary>
    public Guid TenantId { get; }

    /// <summary>The cache that an entry belongs to, else empty.</summary>
    public string Type { get; }

    /// <summary>The entry's id in its cache, else empty.</summary>
    public string Id { get; }

    /// <summary>One entry of a tenant, also when what is cached is that it does not exist.</summary>
    /// <exception cref="ArgumentException">See <see cref="CacheNames.OfTenant"/>.</exception>
    public static Invalidation OfTenantEntry(Guid tenantId, string type, string id) =>
        new(InvalidationScope.Entry, CacheNames.OfTenant(tenantId, type, id), tenantId, type, id);

    /// <summary>One entry found without a tenant, also when what is cached is that it does not exist.</summary>
    /// <exception cref="ArgumentException">See <see cref="CacheNames.OfPlatform"/>.</exception>
    public static Invalidation OfPlatformEntry(string type, string id) =>
        new(InvalidationScope.Entry, CacheNames.OfPlatform(type, id), Guid.Empty, type, id);

    /// <summary>Everything that belongs to the tenant, under tenant names and under platform names with this owner.</summary>
    /// <exception cref="ArgumentException">The tenant's id is empty.</exception>
    public static Invalidation OfTenant(Guid tenantId) => tenantId == Guid.Empty
        ? throw new ArgumentException("Name the tenant.", nameof(tenantId))
        : new(InvalidationScope.Tenant, $"{CacheNames.TenantPrefix}{tenantId:D}", tenantId);

    /// <summary>Reads a <see cref="Name"/>, so that a change can be kept until it is announced.</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out Invalidation? invalidation)
    {
        invalidation = null;
        if (name == EverythingName)
        {
            invalidation = Everything;
        }
        else if (name.StartsWith(CacheNames.PlatformPrefix, StringComparison.Ordinal))
        {
            if (SplitEntry(name, CacheNames.PlatformPrefix.Length) is var (type, id))
            {
                invalidation = new(InvalidationScope.Entry, name, Guid.Empty, type, id);
            }
        }
        else if (name.StartsWith(CacheNames.TenantPrefix, StringComparison.Ordinal))
        {
            var rest = name.AsSpan(CacheNames.TenantPrefix.Length);
            if (rest.Length >= TenantIdLength && Guid.TryParseExact(rest[..TenantIdLength], "D", out var tenantId))
            {
                if (rest.Length == TenantIdLength)
                {
                    invalidation = new(InvalidationScope.Tenant, name, tenantId);
                }
                else if (rest[TenantIdLength] == ':' && SplitEntry(name, CacheNames.TenantPrefix.Length + TenantIdLength + 1) is var (type, id))
                {
                    invalidation = new(InvalidationScope.Entry, name, tenantId, type, id);
                }
            }
        }

        return invalidation is not null;
    }

    public bool Equals(Invalidation? other) => other is not null && Name == other.Name;

    public override int GetHashCode() => string.GetHashCode(Name, StringComparison.Ordinal);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Scope} {Name}");

    private static (string Type, string Id)? SplitEntry(string name, int start)
    {
        var colon = name.IndexOf(':', start);
        return colon > start && colon < name.Length - 1 ? (name[start..colon], name[(colon + 1)..]) : null;
    }
}
