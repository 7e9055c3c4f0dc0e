using System.Globalization;

namespace ValidonX.Platform.Plans;

/// <summary>One thing that a tenant is allowed: its plan's, or an operator's override of it.</summary>
public sealed record TenantEntitlement
{
    /// <summary>The kind of a switch; everything else is a limit.</summary>
    public const string BooleanKind = "boolean";

    /// <summary>The kind of a number; <see langword="null"/> is "unlimited".</summary>
    public const string LimitKind = "limit";

    /// <summary>Its dotted code.</summary>
    public required string Code { get; init; }

    /// <summary><see cref="LimitKind"/> or <see cref="BooleanKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The number; 1 and 0 for a switch.</summary>
    public long? Value { get; init; }

    /// <summary><c>plan</c> or <c>override</c>.</summary>
    public string Source { get; init; } = "plan";

    /// <summary>As the tenant's database keeps it; <see langword="null"/> is "unlimited".</summary>
    public string? Json => Kind == BooleanKind ? (Value is > 0 ? "true" : "false") : Value?.ToString(CultureInfo.InvariantCulture);
}
