using System.ComponentModel.DataAnnotations;

namespace ValidonX.Platform.SingleSignOn;

/// <summary>Configuration section <c>SingleSignOn</c>: how the issuers of tenants' tokens are dealt with.</summary>
public sealed class SingleSignOnOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "SingleSignOn";

    /// <summary>For development and tests: an issuer may be this machine, over plain http, too.</summary>
    public bool AllowLoopback { get; set; }

    /// <summary>How long an issuer's keys are used before they are fetched again, in the background.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan KeysFreshFor { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long they are used while the issuer is away.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan KeysUsableFor { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Least time between two fetches from one issuer, whatever the reason: tokens with invented keys cause no more.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan FetchPause { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one call of an issuer may take in all.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan FetchTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Requests that may wait for one issuer's keys; further ones are told to come again.</summary>
    [Range(1, 10_000)]
    public int MostWaiting { get; set; } = 256;

    /// <summary>By how much an issuer's clock may differ from ours.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(60);
}
