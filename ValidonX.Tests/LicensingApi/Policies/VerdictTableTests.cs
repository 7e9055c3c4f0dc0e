using System.Reflection;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Policies;

namespace ValidonX.Tests.LicensingApi.Policies;

/// <summary>docs/licensing.md has every verdict and every policy member: what the endpoints declare and the code knows, and nothing else.</summary>
[Collection(CrowdCollection.Name)]
public sealed class VerdictTableTests(LicensingPlatform platform)
{
    private static readonly string[] Operations = ["activate", "checkEntitlements", "heartbeatActivation", "releaseActivation", "resolveLicense", "validateActivation", "validateLicense"];

    private static readonly string[] Lines = RepositoryFile.Read("docs/licensing.md").Split('\n');

    [Fact]
    public void Every_refusal_of_every_operation_is_in_the_table()
    {
        var declared = platform.Replicas[0].Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<Operation>())
            .OfType<Operation>()
            .Where(operation => Operations.Contains(operation.Id))
            .SelectMany(operation => operation.Errors.Select(error => $"{operation.Id} {error.Status} {error.Code}"))
            .Distinct();

        var told = Rows("`").SelectMany(row => row[1].Split(", ").Where(answer => answer.Contains('.', StringComparison.Ordinal)).Select(answer => $"{row[0].Split('`')[1]} {answer.Replace("`", "")}"));

        Assert.Equal(declared.Order(StringComparer.Ordinal), told.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_reason_is_in_the_table()
    {
        var known = typeof(Reasons).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => (string)field.GetRawConstantValue()!);

        Assert.Equal(known.Order(StringComparer.Ordinal), Rows("`").SelectMany(row => row[2].Split('`', StringSplitOptions.RemoveEmptyEntries)).Select(word => word.Trim()).Where(word => word.Length > 0).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_policy_member_is_in_the_table_with_its_default()
    {
        var defaults = System.Text.Json.JsonSerializer.SerializeToNode(Policy.Defaults, ValidonX.LicensingApi.LicensingJson.Default.Policy)!.AsObject();
        var told = Lines.SkipWhile(line => line != "## Policies").TakeWhile(line => line != "## Floating licenses").Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split(" | ")).ToDictionary(cells => cells[0].Trim(' ', '`'), cells => cells[^1].Trim(' ', '`'));

        Assert.Equal(defaults.Select(member => member.Key).Order(StringComparer.Ordinal), told.Keys.Order(StringComparer.Ordinal));
        Assert.All(defaults.Where(member => member.Value is not null), member => Assert.Equal(member.Value!.ToString(), told[member.Key]));
    }

    private static IEnumerable<string[]> Rows(string start) =>
        Lines.TakeWhile(line => line != "## Policies").Where(line => line.StartsWith($"| {start}", StringComparison.Ordinal)).Select(line => line.Trim('|', ' ').Split('|').Select(cell => cell.Trim()).ToArray());
}
