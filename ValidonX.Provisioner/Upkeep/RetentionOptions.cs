using System.ComponentModel.DataAnnotations;

namespace ValidonX.Provisioner.Upkeep;

/// <summary>Configuration section <c>Provisioner</c>: what concerns keeping and deleting.</summary>
internal sealed class RetentionOptions
{
    /// <summary>How long a job is kept after it has ended.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan KeepEndedJobs { get; set; } = TimeSpan.FromDays(14);

    /// <summary>
    /// How long a tenant's data is kept after it was closed. At least the longest lease of a job, so that no worker which was provisioning
    /// the tenant when it was closed is still at it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:10:00", "3650.00:00:00")]
    public TimeSpan KeepClosedTenants { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a mail is kept in the outbox, sent or not; at least a day, because those of an hour are counted.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan KeepMails { get; set; } = TimeSpan.FromDays(14);

    /// <summary>How long an alert is kept after it was closed and its condition was over.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan KeepAlerts { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How often a provisioner looks for what is to be deleted.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan UpkeepInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the hours of tenants' metrics are carried from Redis, which keeps them for a day, into the platform database.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "06:00:00")]
    public TimeSpan RollupInterval { get; set; } = TimeSpan.FromMinutes(5);
}
