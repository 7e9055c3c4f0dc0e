using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi;

/// <summary>What a command came to: a value, or the refusal that the caller gets. Ordinary refusals are no exceptions.</summary>
internal readonly record struct Outcome<T>
    where T : class
{
    private Outcome(T? value, ApiError? refusal) => (Value, Refusal) = (value, refusal);

    /// <summary>The value, unless it was refused.</summary>
    public T? Value { get; }

    /// <summary>Why not.</summary>
    public ApiError? Refusal { get; }

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(ApiError refusal) => new(null, refusal);

    /// <summary>The answer: <paramref name="success"/> of the value, or the refusal.</summary>
    public IResult ToResult(Func<T, IResult> success) => Value is { } value ? success(value) : ApiResult.Error(Refusal!);
}
