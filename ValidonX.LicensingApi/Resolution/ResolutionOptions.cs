using System.ComponentModel.DataAnnotations;

namespace ValidonX.LicensingApi.Resolution;

/// <summary>Configuration section <c>Resolution</c>.</summary>
internal sealed class ResolutionOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Resolution";

    /// <summary>How long, in days, a subscription whose payment failed stays valid.</summary>
    [Range(0, 365)]
    public int PastDueGraceDays { get; set; } = 21;
}
