using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ValidonX.LicensingApi.Policies;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>
/// The columns of a CSV that say the rules that a license has of its own, one for each member of a policy: <c>policy.max_activations</c>, <c>policy.churn.per_days</c>. They follow
/// from the record, so that a new member is a column, too.
/// </summary>
internal static class PolicyColumns
{
    private const string Prefix = "policy.";

    private static readonly char[] BetweenItems = [',', ';', ' '];

    private static readonly FrozenDictionary<string, PolicyColumn> All = Of(typeof(Policy), []).ToFrozenDictionary(column => Prefix + string.Join('.', column.Path), StringComparer.Ordinal);

    /// <summary>The column of a name, in lower case; <see langword="null"/> when there is none.</summary>
    public static PolicyColumn? Find(string name) => All.GetValueOrDefault(name);

    /// <summary>Puts what a cell says into the policy that it is of.</summary>
    public static void Add(this JsonObject policy, PolicyColumn column, string cell)
    {
        var place = column.Path[..^1].Aggregate(policy, (outer, name) => (JsonObject)(outer[name] ??= new JsonObject()));
        place[column.Path[^1]] = column.Read(cell);
    }

    private static IEnumerable<PolicyColumn> Of(Type type, string[] outer) =>
        type.GetProperties().Where(property => property.SetMethod is not null).SelectMany(property =>
        {
            string[] path = [.. outer, JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)];
            var plain = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            return plain == typeof(int) ? [new(path, Number)]
                : plain == typeof(IReadOnlyList<string>) ? [new(path, List)]
                : plain == typeof(string) || plain == typeof(DateTimeOffset) ? [new(path, static cell => cell.Trim())]
                : Of(plain, path);
        });

    /// <summary>What is no number is told as it would be in JSON.</summary>
    private static JsonNode Number(string cell) => long.TryParse(cell, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) ? number : cell;

    /// <summary><c>DE, AT</c>; and <c>[]</c> for one that is said to be empty.</summary>
    private static JsonArray List(string cell) => new([.. cell.Trim() is "[]" ? [] : cell.Split(BetweenItems, StringSplitOptions.RemoveEmptyEntries).Select(item => (JsonNode)item)]);
}

/// <summary>One of them.</summary>
/// <param name="Path">The names on the way to the member.</param>
/// <param name="Read">What a cell says.</param>
internal sealed record PolicyColumn(string[] Path, Func<string, JsonNode> Read);
