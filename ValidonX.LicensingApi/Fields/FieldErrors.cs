using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Fields;

/// <summary>What is wrong with the fields of a request, all of it (CONTRACT §1): sentences by the field's path, such as <c>owner.email</c>.</summary>
internal sealed class FieldErrors
{
    private readonly Dictionary<string, IReadOnlyList<string>> _errors = new(StringComparer.Ordinal);

    /// <summary>All of it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> All => _errors;

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsEmpty => _errors.Count == 0;

    /// <summary>Notes what is wrong with a field.</summary>
    public void Add(string path, string message) => _errors[path] = _errors.TryGetValue(path, out var earlier) ? [.. earlier, message] : [message];

    /// <summary>Whether something is wrong with this very field.</summary>
    public bool Has(string path) => _errors.ContainsKey(path);

    /// <summary>Ends the request with 422 when any field is bad.</summary>
    /// <exception cref="ApiException">With all of them.</exception>
    public void ThrowIfAny()
    {
        if (_errors.Count > 0)
        {
            throw new ApiException(ApiErrors.ValidationFailed(_errors));
        }
    }
}
