namespace ValidonX.LicensingApi.Changes;

/// <summary>The value of a change whose success has nothing to show: 204.</summary>
internal sealed record Nothing
{
    /// <summary>The one there is.</summary>
    public static Nothing Value { get; } = new();
}
