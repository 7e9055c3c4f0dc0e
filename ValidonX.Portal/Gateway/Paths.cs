namespace ValidonX.Portal.Gateway;

/// <summary>Paths of the API with what a page was asked for.</summary>
internal static class Paths
{
    /// <summary>A path with the values that were given.</summary>
    public static string With(string path, params IEnumerable<(string Name, string? Value)> query)
    {
        var given = string.Join('&', query.Where(one => !string.IsNullOrWhiteSpace(one.Value)).Select(one => $"{one.Name}={Uri.EscapeDataString(one.Value!.Trim())}"));
        return given.Length == 0 ? path : $"{path}?{given}";
    }
}
