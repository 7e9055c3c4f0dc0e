using System.ComponentModel.DataAnnotations;

namespace ValidonX.Provisioner.Startup;

/// <summary>Configuration section <c>Provisioner</c>: what concerns the start.</summary>
internal sealed class PreparationOptions
{
    /// <summary>How long the database servers may take to answer before the process ends.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan StartPatience { get; set; } = TimeSpan.FromMinutes(2);
}
