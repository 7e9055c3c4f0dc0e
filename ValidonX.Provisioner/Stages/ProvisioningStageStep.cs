using ValidonX.Platform.Provisioning;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>
/// One of the twelve stages (DESIGN §4). It may run any number of times, also after an earlier run of it was cut off anywhere, and
/// must end with the same result: what is there already is adopted.
/// </summary>
/// <param name="name">One of <see cref="ProvisioningStages"/>.</param>
internal abstract class ProvisioningStageStep(string name)
{
    /// <summary>Its place, 1–12.</summary>
    public int Number { get; } = ProvisioningStages.InOrder.IndexOf(name) + 1;

    /// <summary>One of <see cref="ProvisioningStages"/>.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// Does the stage's work. What it has to write in the platform database goes through <see cref="StageContext.WriteWithOutcome"/>.
    /// </summary>
    /// <exception cref="Platform.Jobs.JobFailedException">It cannot be done, for a reason to show.</exception>
    public abstract Task ExecuteAsync(StageContext context, CancellationToken cancellationToken);
}
