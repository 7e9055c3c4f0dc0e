namespace ValidonX.Gateway.Clusters;

/// <summary>Says everything that is wrong with a set of clusters, not only the first thing.</summary>
internal static class ClusterValidation
{
    /// <summary>One sentence for each error; empty when all is well.</summary>
    public static IReadOnlyList<string> Errors(IReadOnlyList<ClusterDefinition> definitions)
    {
        var errors = new List<string>();
        foreach (var definition in definitions)
        {
            var where = $"Cluster '{definition.Name}' ({definition.Source})";
            if (definition.Name.Length is 0 or > ClusterNames.MaximumLength || definition.Name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            {
                errors.Add($"{where}: a name has 1 to {ClusterNames.MaximumLength} letters, digits, '-', '_' or '.'.");
            }

            if (definition.Addresses.Count == 0)
            {
                errors.Add($"{where} has no destination.");
            }

            errors.AddRange(definition.Addresses
                .Where(address => !IsAddress(address))
                .Select(address => $"{where}: '{address}' is not an absolute http or https address without query."));
            errors.AddRange(definition.Addresses
                .GroupBy(address => address.TrimEnd('/'), StringComparer.OrdinalIgnoreCase)
                .Where(same => same.Count() > 1)
                .Select(same => $"{where} names '{same.Key}' more than once."));
        }

        return errors;
    }

    private static bool IsAddress(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.Query.Length == 0
        && uri.Fragment.Length == 0
        && uri.UserInfo.Length == 0;
}
