using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dapper;
using Microsoft.OpenApi;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Plans;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.FeatureFlags;

/// <summary>What is to be switched on for whom.</summary>
internal sealed partial record FeatureFlagRequest : IRequest, ICheckedByStore
{
    /// <summary>Whether it is on for who is not mentioned otherwise.</summary>
    public bool Default { get; init; }

    /// <summary>Whether it is on for the tenants of a plan, by the plan's code.</summary>
    [Switches(100, "^[a-z0-9._-]{1,32}$", "the code of a plan")]
    [Example("""{"enterprise":true}""")]
    public IReadOnlyDictionary<string, bool> Plans { get; init; } = FrozenDictionary<string, bool>.Empty;

    /// <summary>Whether it is on for a tenant, by the tenant's id.</summary>
    [Switches(1_000, "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", "the id of a tenant")]
    [Example("{}")]
    public IReadOnlyDictionary<string, bool> Tenants { get; init; } = FrozenDictionary<string, bool>.Empty;

    /// <summary>For how many of a hundred of the other tenants it is on.</summary>
    [Whole(0, 100)]
    [Example("25")]
    public int? Percentage { get; init; }

    /// <summary>Whether a text can be a flag's key.</summary>
    public static bool IsKey(string? key) => key is not null && Key().IsMatch(key);

    /// <inheritdoc/>
    public async ValueTask CheckAsync(FieldErrors errors, IServiceProvider services, CancellationToken cancellationToken)
    {
        var plans = await services.GetRequiredService<PlanCatalog>().ReadAsync(cancellationToken);
        foreach (var unknown in Plans.Keys.Except(plans.All, StringComparer.Ordinal))
        {
            errors.Add($"plans.{unknown}", "There is no such plan.");
        }

        if (Tenants.Count == 0)
        {
            return;
        }

        await using var connection = await services.GetRequiredService<PlatformDatabase>().OpenAsync(cancellationToken);
        var known = await connection.QueryAsync<Guid>(new CommandDefinition("SELECT id FROM tenants WHERE id IN @Keys", new { Tenants.Keys }, cancellationToken: cancellationToken));
        foreach (var unknown in Tenants.Keys.Except(known.Select(id => id.ToString()), StringComparer.Ordinal))
        {
            errors.Add($"tenants.{unknown}", "There is no such tenant.");
        }
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Key();
}

/// <summary>An object whose members are true or false.</summary>
internal sealed class SwitchesAttribute(int most, string names, string what) : FieldAttribute
{
    /// <inheritdoc/>
    public override object? Read(JsonElement value, FieldPlace place)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return place.Fail("Must be an object.");
        }

        var switches = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (switches.Count == most)
            {
                return place.Fail(string.Create(CultureInfo.InvariantCulture, $"Must not have more than {most} members."));
            }

            if (!Regex.IsMatch(member.Name, names, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking))
            {
                return place.Fail($"The name of each member must be {what}.");
            }

            if (member.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            {
                return place.Of(member.Name).Fail("Must be true or false.");
            }

            switches[member.Name] = member.Value.GetBoolean();
        }

        return switches;
    }

    /// <inheritdoc/>
    public override void Describe(OpenApiSchema schema) => schema.MaxProperties = most;
}
