using System.Diagnostics;
using ValidonX.Platform.Tenants;

namespace ValidonX.Provisioner.Runs;

/// <summary>One stage of a run, under way.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Tenant">Whose.</param>
/// <param name="Number">The stage's place, 1–12.</param>
/// <param name="Name">The stage's name.</param>
internal sealed record StageProgress(Guid RunId, Tenant Tenant, int Number, string Name)
{
    /// <summary>How long the stage's own work took, once it is executed.</summary>
    public TimeSpan Duration { get; set; }

    /// <summary>The stage's span, when somebody listens.</summary>
    public Activity? Activity { get; set; }
}
