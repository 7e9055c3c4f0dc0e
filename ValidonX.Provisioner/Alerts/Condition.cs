using ValidonX.Platform.Alerts;

namespace ValidonX.Provisioner.Alerts;

/// <summary>What an alert is about.</summary>
/// <param name="TenantId">Whose.</param>
/// <param name="Kind">One of <see cref="AlertKinds"/>.</param>
/// <param name="Subject">What of the tenant, where the kind alone does not say so.</param>
internal readonly record struct AlertKey(Guid TenantId, string Kind, string Subject);

/// <summary>Something that is wrong at this moment.</summary>
/// <param name="Key">With what.</param>
/// <param name="Slug">The tenant's short name.</param>
/// <param name="Measured">How much of it.</param>
/// <param name="Threshold">From how much on it is wrong.</param>
internal sealed record Condition(AlertKey Key, string Slug, double Measured, double Threshold);
