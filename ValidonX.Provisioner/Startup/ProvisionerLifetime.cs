using ValidonX.Platform.Jobs;
using ValidonX.Provisioner.Alerts;
using ValidonX.Provisioner.Audit;
using ValidonX.Provisioner.Billing;
using ValidonX.Provisioner.Fleet;
using ValidonX.Provisioner.Mail;
using ValidonX.Provisioner.Outbox;
using ValidonX.Provisioner.Plans;
using ValidonX.Provisioner.Rollups;
using ValidonX.Provisioner.Upkeep;
using ValidonX.Provisioner.Webhooks;

namespace ValidonX.Provisioner.Startup;

/// <summary>The provisioner's life: prepare the platform, then work on jobs, carry events, send mails, deliver webhooks, raise alerts and keep house until the process is asked to stop.</summary>
internal sealed partial class ProvisionerLifetime(
    PlatformPreparation preparation,
    JobWorkers workers,
    FleetMigration fleet,
    FleetPlans plans,
    DueSubscriptions billing,
    OutboxDrain outbox,
    AuditLinking audit,
    PlatformUpkeep upkeep,
    HourlyRollups rollups,
    AlertRounds alerts,
    MailDelivery mail,
    WebhookDelivery webhooks,
    IHostApplicationLifetime application,
    ILogger<ProvisionerLifetime> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The servers may take their time; the process answers its health checks meanwhile.
        await Task.Yield();
        try
        {
            await preparation.RunAsync(stoppingToken);
        }
        catch (PreparationFailedException failure)
        {
            Log.CannotStart(logger, failure.Message);
            Environment.ExitCode = 1;
            application.StopApplication();
            return;
        }

        await Task.WhenAll(
            workers.RunAsync(stoppingToken),
            fleet.RunAsync(stoppingToken),
            audit.RunAsync(stoppingToken),
            plans.RunAsync(stoppingToken),
            billing.RunAsync(stoppingToken),
            outbox.RunAsync(stoppingToken),
            upkeep.RunAsync(stoppingToken),
            rollups.RunAsync(stoppingToken),
            alerts.RunAsync(stoppingToken),
            mail.RunAsync(stoppingToken),
            webhooks.RunAsync(stoppingToken));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical, "The provisioner cannot start. {Reason}")]
        public static partial void CannotStart(ILogger logger, string reason);
    }
}
