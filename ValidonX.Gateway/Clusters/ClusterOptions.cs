namespace ValidonX.Gateway.Clusters;

/// <summary>Configuration section <c>Gateway</c>: how clusters are kept up to date.</summary>
internal sealed class ClusterOptions
{
    /// <summary>Time between two looks at the stored clusters.</summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(5);
}
