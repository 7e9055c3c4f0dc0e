using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ValidonX.Platform;
using ValidonX.Platform.Billing;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Rollups;
using ValidonX.Platform.Outbound;
using ValidonX.Platform.Webhooks;
using ValidonX.Provisioner.Alerts;
using ValidonX.Provisioner.Audit;
using ValidonX.Provisioner.Billing;
using ValidonX.Provisioner.Bulk;
using ValidonX.Provisioner.Closing;
using ValidonX.Provisioner.Fleet;
using ValidonX.Provisioner.Mail;
using ValidonX.Provisioner.Outbox;
using ValidonX.Provisioner.Payments;
using ValidonX.Provisioner.Plans;
using ValidonX.Provisioner.Rollups;
using ValidonX.Provisioner.Runs;
using ValidonX.Provisioner.Stages;
using ValidonX.Provisioner.Startup;
using ValidonX.Provisioner.Upkeep;
using ValidonX.Provisioner.Webhooks;

namespace ValidonX.Provisioner;

/// <summary>Registers the provisioner: what it does at start, its workers, and the twelve stages.</summary>
internal static class ProvisionerServices
{
    /// <summary>The section of the provisioner's options.</summary>
    public const string Section = "Provisioner";

    /// <summary>Needs <see cref="PlatformServices.AddPlatform"/> with the API key pepper and the data encryption key.</summary>
    public static IHostApplicationBuilder AddProvisioner(this IHostApplicationBuilder builder)
    {
        builder.AddDatabaseAdministration();
        builder.AddPlatformCoherence();
        builder.AddJobWorkers(Section);
        builder.AddRollups();
        var services = builder.Services;

        services.AddOptions<PreparationOptions>().BindConfiguration(Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<PlatformPreparation>();
        services.AddHostedService<ProvisionerLifetime>();
        services.AddHealthChecks().AddCheck<PreparationHealth>("preparation");

        services.AddOptions<RetentionOptions>().BindConfiguration(Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<PlatformUpkeep>();
        services.AddSingleton<DueDeletions>();
        services.AddSingleton<HourlyRollups>();
        services.AddSingleton<ExpiredRows>();
        services.AddSingleton<PlatformRowRemoval>();
        services.AddSingleton<IJobHandler, DeletionHandler>();

        services.AddSingleton<IJobHandler, MigrateTenantHandler>();
        services.AddSingleton<FleetMigration>();
        services.AddSingleton<BulkChangeStep>();
        services.AddSingleton<IJobHandler, BulkChangeHandler>();
        services.AddSingleton<IJobHandler, ApplyPlanHandler>();
        services.AddSingleton<FleetPlans>();

        services.AddBilling();
        services.AddOptions<DueSubscriptionOptions>().BindConfiguration(Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<DueSubscriptions>();
        services.AddSingleton<IJobHandler, CollectInvoiceHandler>();

        services.AddOptions<OutboxOptions>().BindConfiguration(OutboxOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<OutboxSchedule>();
        services.AddSingleton<TenantDrain>();
        services.AddSingleton<OutboxMetrics>();
        services.AddSingleton<OutboxDrain>();

        services.AddOptions<MailOptions>().BindConfiguration(MailOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<MailOptions>, MailOptionsValidator>();
        services.AddSingleton<MailQueue>();
        services.AddSingleton<MailMetrics>();
        services.AddSingleton<MailDelivery>();

        services.AddWebhookOptions();
        services.AddOptions<DeliveryOptions>().BindConfiguration(DeliveryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<HostLookup>(Dns.GetHostAddressesAsync);
        services.AddSingleton<ExpiringLicenses>();
        services.AddSingleton<WebhookFanOut>();
        services.AddSingleton<WebhookMetrics>();
        services.AddSingleton<EndpointTurns>();
        services.AddSingleton<DeliverySender>();
        services.AddSingleton<DeliveryJournal>();
        services.AddSingleton<EndpointService>();
        services.AddSingleton<WebhookDelivery>();
        services.AddSingleton<WebhookUpkeep>();

        services.AddOptions<AlertOptions>().BindConfiguration(AlertOptions.Section).ValidateDataAnnotations().Validate(options => options.IsMailToValid, AlertOptions.MailToProblem).ValidateOnStart();
        services.AddSingleton<AlertFacts>();
        services.AddSingleton<ConfiguredThresholds>();
        services.AddSingleton<AlertMail>();
        services.AddSingleton<AlertJournal>();
        services.AddSingleton<AlertRound>();
        services.AddSingleton<AlertRounds>();

        services.AddOptions<AuditLinkingOptions>().BindConfiguration(AuditLinkingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<AuditLinker>();
        services.AddSingleton<AuditLinking>();

        services.AddOptions<MailLinkOptions>().BindConfiguration(MailLinkOptions.Section).Validate(options => options.IsValid, MailLinkOptions.Problem).ValidateOnStart();
        services.AddSingleton<ReadyMail>();
        services.AddSingleton<TenantAnnouncement>();
        services.AddSingleton<IJobHandler, AnnouncementHandler>();
        services.AddSingleton<IJobHandler, ProvisioningHandler>();
        services.AddSingleton<ProvisioningPipeline>();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<ProvisioningStageStep, ValidateRecordStage>(),
            ServiceDescriptor.Singleton<ProvisioningStageStep, CreateDatabaseStage>(),
            ServiceDescriptor.Singleton<ProvisioningStageStep, MigrateSchemaStage>(),
            ServiceDescriptor.Singleton<ProvisioningStageStep, SettingsStage>(),
            ServiceDescriptor.Singleton<ProvisioningStageStep, SubscriptionStage>(),
            ServiceDescriptor.Singleton<ProvisioningStageStep, EntitlementsStage>(),
            ServiceDescriptor.Singleton<ProvisioningStageStep, UsageCountersStage>(),
            ServiceDescriptor.Singleton<ProvisioningStageStep, BrandingStage>(),
            ServiceDescriptor.Singleton<ProvisioningStageStep, ApiKeyStage>(),
            ServiceDescriptor.Singleton<ProvisioningStageStep, WebhookPlaceholderStage>(),
            ServiceDescriptor.Singleton<ProvisioningStageStep, AuditEventStage>(),
            ServiceDescriptor.Singleton<ProvisioningStageStep, HealthCheckStage>(),
        ]);
        services.AddSingleton<StageMetrics>();
        services.AddSingleton<IStageObserver>(provider => provider.GetRequiredService<StageMetrics>());
        services.AddSingleton<IStageObserver, ProgressSignal>();
        return builder;
    }
}
