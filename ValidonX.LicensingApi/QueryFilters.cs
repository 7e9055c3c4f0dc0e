using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi;

/// <summary>A list's filters out of the query string; bad ones are reported all at once.</summary>
internal sealed class QueryFilters(IQueryCollection query)
{
    private readonly Dictionary<string, IReadOnlyList<string>> _errors = new(StringComparer.Ordinal);

    /// <summary>One of a few words, or absent.</summary>
    public string? Choice(string name, IReadOnlyList<string> choices)
    {
        if (Find(name) is not { } value || choices.Contains(value, StringComparer.Ordinal))
        {
            return Find(name);
        }

        _errors[name] = [$"Must be one of: {string.Join(", ", choices)}."];
        return null;
    }

    /// <summary>An id, or absent.</summary>
    public Guid? Id(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (Guid.TryParseExact(value, "D", out var id))
        {
            return id;
        }

        _errors[name] = ["Must be an id (UUID)."];
        return null;
    }

    /// <summary>A text of a few characters, or absent.</summary>
    public string? Text(string name, int maximum)
    {
        if (Find(name) is not { } value || value.Length <= maximum)
        {
            return Find(name);
        }

        _errors[name] = [string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Must have at most {maximum} characters.")];
        return null;
    }

    /// <summary>Ends the request with 422 when any filter was bad.</summary>
    /// <exception cref="ApiException">With all of them.</exception>
    public void ThrowIfInvalid()
    {
        if (_errors.Count > 0)
        {
            throw new ApiException(ApiErrors.ValidationFailed(_errors));
        }
    }

    private string? Find(string name) => query[name] is { Count: > 0 } values && !string.IsNullOrEmpty(values[0]) ? values[0] : null;
}
