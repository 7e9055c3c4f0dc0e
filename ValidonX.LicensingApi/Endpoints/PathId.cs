using System.Diagnostics.CodeAnalysis;

namespace ValidonX.LicensingApi.Endpoints;

/// <summary>
/// A handler's parameter that is an id in the path, by the parameter's name. What is no UUID becomes the id that nothing has, so that it takes the very path
/// of an id that does not exist, or is another tenant's, and is answered the same.
/// </summary>
/// <param name="Value">The id.</param>
internal readonly record struct PathId(Guid Value) : IParsable<PathId>
{
    public static implicit operator Guid(PathId id) => id.Value;

    /// <inheritdoc/>
    public static PathId Parse(string s, IFormatProvider? provider) => new(Guid.TryParseExact(s, "D", out var id) ? id : Guid.Empty);

    /// <summary>Never false: see above.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out PathId result)
    {
        result = Parse(s ?? "", provider);
        return true;
    }
}
