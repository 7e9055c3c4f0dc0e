namespace Aspire.Hosting;

/// <summary>How a stack is started.</summary>
public sealed class DistributedApplicationOptions
{
    /// <summary>The AppHost's command line.</summary>
    public string[]? Args { get; set; }

    /// <summary>The name of the AppHost's assembly; the program's own when null.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>The folder of the AppHost's project; what the build noted when null.</summary>
    public string? ProjectDirectory { get; set; }

    /// <summary>Whether there is no dashboard; without effect here.</summary>
    public bool DisableDashboard { get; set; }

    /// <summary>Whether addresses may be plain http; without effect here, where they may.</summary>
    public bool AllowUnsecuredTransport { get; set; }
}
