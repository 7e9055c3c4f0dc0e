namespace ValidonX.Gateway.Clusters;

/// <summary>Names of clusters.</summary>
internal static class ClusterNames
{
    /// <summary>The pool that serves every tenant without one of its own; by default the service of this name.</summary>
    public const string Default = "licensing-api";

    /// <summary>Most characters of a name, as in the platform database.</summary>
    public const int MaximumLength = 64;
}
