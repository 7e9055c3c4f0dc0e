using System.ComponentModel.DataAnnotations;

namespace ValidonX.Provisioner.Outbox;

/// <summary>How tenants' outboxes are emptied; part of the section <c>Provisioner:Outbox</c>.</summary>
internal sealed class OutboxOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Provisioner:Outbox";

    /// <summary>How long an event whose hint was lost may wait: each tenant's outbox is looked into at least this often.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Look { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often an idle process looks for hints by itself; a signal wakes it at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The pause before a tenant is tried again whose database refused or did not answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(15);
}
