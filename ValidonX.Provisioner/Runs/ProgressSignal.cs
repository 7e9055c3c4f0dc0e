using ValidonX.Platform.Mail;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Redis;

namespace ValidonX.Provisioner.Runs;

/// <summary>Tells those who watch a run that it has come a step further.</summary>
internal sealed class ProgressSignal(IWakeup wakeup) : IStageObserver
{
    public void Starting(StageProgress stage)
    {
    }

    public void Executed(StageProgress stage)
    {
    }

    public void Recorded(StageProgress stage)
    {
        wakeup.Signal(ProvisioningRuns.ProgressChannel);
        if (stage.Number == ProvisioningStages.InOrder.Length)
        {
            // Its owner has a mail now.
            wakeup.Signal(MailOutbox.WakeupChannel);
        }
    }

    public void Failed(StageProgress stage, Exception exception)
    {
    }
}
