namespace ValidonX.LicensingApi.Fields;

/// <summary>A field of a partial change, where null ("take it away") is something else than absent ("leave it").</summary>
/// <param name="Value">What was given; <see langword="null"/> was, too.</param>
internal readonly record struct Given<T>(T? Value)
{
    /// <summary>Whether the field was there, if only as null.</summary>
    public bool IsThere { get; init; }

    /// <summary>What was given, or else what stands.</summary>
    public T? Or(T? current) => IsThere ? Value : current;
}
