using System.ComponentModel.DataAnnotations;

namespace ValidonX.Provisioner.Webhooks;

/// <summary>How events are delivered; part of the section <c>Provisioner:Webhooks</c>.</summary>
internal sealed class DeliveryOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Provisioner:Webhooks";

    /// <summary>How often an idle process looks by itself; a signal wakes it at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a receiver has for its answer, from the first step of the connection to the status.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Endpoints that this process serves at once.</summary>
    [Range(1, 10_000)]
    public int AtOnce { get; set; } = 128;

    /// <summary>How many of them are one tenant's, so that no tenant's slow receivers take all places.</summary>
    [Range(1, 10_000)]
    public int PerTenant { get; set; } = 8;

    /// <summary>Requests to one endpoint at once; one where its events are to arrive in order, or where it fails.</summary>
    [Range(1, 64)]
    public int PerEndpoint { get; set; } = 4;

    /// <summary>Deliveries of one turn; then the endpoint goes behind those who wait.</summary>
    [Range(1, 1_000)]
    public int Turn { get; set; } = 40;

    /// <summary>After which a turn begins no further delivery.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:20")]
    public TimeSpan TurnTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Failures in a row after which an endpoint is tried with one delivery at a time, with a pause after each.</summary>
    [Range(1, 10_000)]
    public int PauseAfter { get; set; } = 20;

    /// <summary>That pause.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan Pause { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Deliveries given up in a row after which an endpoint is disabled.</summary>
    [Range(1, 10_000)]
    public int DisableAfter { get; set; } = 3;

    /// <summary>For how long nothing may have succeeded before a further failure disables it.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "365.00:00:00")]
    public TimeSpan DisableAfterTime { get; set; } = TimeSpan.FromDays(5);

    /// <summary>How long before its expiry a license is told of as expiring.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan ExpiringAhead { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often each tenant's licenses are looked at for it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan ExpiringLook { get; set; } = TimeSpan.FromHours(1);
}
