namespace ValidonX.Platform.Callers;

/// <summary>
/// Headers between our own services. The gateway removes every inbound header with the prefix, so that none can be forged.
/// </summary>
public static class InternalHeaders
{
    /// <summary>What all of them begin with; compared without case.</summary>
    public const string Prefix = "X-ValidonX-Internal-";

    /// <summary>The signed <see cref="CallerContext"/>.</summary>
    public const string Context = "X-ValidonX-Internal-Context";
}
