using System.Collections.Immutable;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Tenants;

namespace ValidonX.Provisioner.Runs;

/// <summary>Where a run stood when this worker took it.</summary>
/// <param name="Id">The run.</param>
/// <param name="Status">One of <see cref="RunStatus"/>.</param>
/// <param name="Tenant">Whose.</param>
/// <param name="Done">The numbers of the stages that are done.</param>
internal sealed record RunState(Guid Id, string Status, Tenant Tenant, ImmutableHashSet<int> Done);
