using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Keys;
using ValidonX.Platform.Routes;

namespace ValidonX.Tests.LicensingApi.Callers;

/// <summary>docs/permissions.md is what the endpoints say, and what they say is what they do: every operation is called in every role.</summary>
[Collection(LicensingCollection.Name)]
public sealed class PermissionTableTests(LicensingPlatform platform)
{
    private const string Yes = "yes";

    private static readonly string[] Who = ["anyone", "app", "customer", "viewer", "developer", "admin", "owner", "operator"];

    [Fact]
    public void The_table_in_docs_is_the_one_of_the_endpoints()
    {
        var page = new StringBuilder(
            """
            # Who may do what

            Made from the endpoints' declarations; a test calls every operation in every role and compares. `yes` lets the caller through to what the operation
            itself answers; anything else is the refusal's code. A right is a line of `Permissions`; roles include the ones to their left. An app needs a key with the scope
            (a key with none named has all), else the gateway answers `AUTH.SCOPE_INSUFFICIENT`; the API takes what a gateway has judged as that very route, so both mean one scope.

            | operation | route | right | scope | anyone | app | customer | viewer | developer | admin | owner | operator |
            |---|---|---|---|---|---|---|---|---|---|---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var line in Lines())
        {
            page.Append("| ").AppendJoin(" | ", line.Operation, $"`{line.Method} {line.Path}`", line.Right, line.Scope, string.Join(" | ", line.Expected)).Append(" |\n");
        }

        RepositoryFile.ShouldBe("docs/permissions.md", page.ToString());
    }

    [Fact]
    public async Task Every_operation_answers_every_role_as_the_table_in_docs_says()
    {
        var tenant = await platform.CreateTenantAsync();
        var table = ReadTable();
        Assert.Equal(Lines().Count, table.Count);
        var wrong = new List<string>();
        foreach (var (operation, method, path, expected) in table)
        {
            foreach (var (who, index) in Who.Select((who, index) => (who, index)))
            {
                using var response = await SendAsync(who, method, path, tenant);
                var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                var code = text.Length > 0 && (int)response.StatusCode >= 400 ? (string?)System.Text.Json.Nodes.JsonNode.Parse(text)!["error"]?["code"] : null;
                var answered = code == expected[index] ? code
                    : code is not null && code.StartsWith("AUTH.", StringComparison.Ordinal) && (int)response.StatusCode is 401 or 403 ? code : Yes;

                // What an operation says of credentials or accounts that do not exist is its own answer, not a refusal of the role.
                if (answered is "AUTH.INVALID_CREDENTIALS" or "AUTH.UNAUTHENTICATED" && expected[index] == Yes)
                {
                    continue;
                }

                if (answered != expected[index])
                {
                    wrong.Add($"{operation} as {who}: {answered} instead of {expected[index]} ({(int)response.StatusCode})");
                }
            }
        }

        Assert.Empty(wrong);
    }

    private async Task<HttpResponseMessage> SendAsync(string who, string method, string path, LicensedTenant tenant)
    {
        var concrete = System.Text.RegularExpressions.Regex.Replace(path, @"\{\w+\}", Guid.NewGuid().ToString());
        using var request = new HttpRequestMessage(new HttpMethod(method), concrete);
        request.Headers.Add("X-ValidonX-Internal-Context", platform.Sign(ContextOf(who, tenant), method, concrete));
        if (method is "POST" or "PUT" or "PATCH")
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        return await platform.Replicas[0].Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static CallerContext ContextOf(string who, LicensedTenant tenant)
    {
        var context = new CallerContext { Kind = CallerKind.Anonymous, ExpiresAt = LicensingPlatform.InAMinute };
        return who switch
        {
            "anyone" => context,
            "operator" => context with { Kind = CallerKind.Operator, CallerId = Guid.CreateVersion7(), TokenId = Guid.CreateVersion7() },
            _ => context with
            {
                Kind = who switch { "app" => CallerKind.ApiKey, "customer" => CallerKind.Customer, _ => CallerKind.User },
                CallerId = Guid.CreateVersion7(),
                TenantId = tenant.Placement.TenantId,
                ServerName = tenant.Placement.ServerName,
                DatabaseName = tenant.Placement.Database.Value,
                Role = who is "app" or "customer" ? null : Enum.Parse<TenantRole>(who, ignoreCase: true),
            },
        };
    }

    private List<Line> Lines() =>
    [
        .. platform.Replicas[0].Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<Operation>() is not null)
            .Select(endpoint => new Line(
                endpoint.Metadata.GetMetadata<Operation>()!.Id,
                endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single(),
                endpoint.RoutePattern.RawText!.TrimEnd('/'),
                endpoint.Metadata.GetMetadata<CallerRequirement>()?.Permission ?? "—",
                endpoint.Metadata.GetMetadata<ApiRoute>() is { Scope: not ApiKeyScope.None } route ? route.Scope.ToString().ToLowerInvariant() : "—",
                [.. Who.Select(who => Expected(endpoint.Metadata.GetMetadata<CallerRequirement>(), who))]))
            .OrderBy(line => line.Path, StringComparer.Ordinal).ThenBy(line => line.Method, StringComparer.Ordinal),
    ];

    /// <summary>CONTRACT §2, said once more and independently of what the endpoints run.</summary>
    private static string Expected(CallerRequirement? requirement, string who) =>
        requirement is null ? Yes
        : (requirement.Kind, who) switch
        {
            (CallerKind.ApiKey, "app") or (CallerKind.Operator, "operator") or (CallerKind.Customer, "customer") => Yes,
            (CallerKind.Customer, _) => "TENANT.NOT_FOUND",
            (CallerKind.ApiKey, _) => "AUTH.INVALID_API_KEY",
            (_, "anyone" or "app" or "customer") => "AUTH.TOKEN.REQUIRED",
            (CallerKind.Operator, _) or (_, "operator") => "AUTH.TOKEN.INVALID_SCOPE",
            _ => requirement.Role is { } least && Array.IndexOf(Who, who) < Array.IndexOf(Who, least.ToString().ToLowerInvariant()) ? "AUTH.INSUFFICIENT_PERMISSIONS" : Yes,
        };

    private static List<(string Operation, string Method, string Path, string[] Expected)> ReadTable() =>
    [
        .. RepositoryFile.Read("docs/permissions.md").Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line.Contains('`', StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Select(cells => (cells[0], cells[1].Trim('`').Split(' ')[0], cells[1].Trim('`').Split(' ')[1], cells[4..])),
    ];

    private sealed record Line(string Operation, string Method, string Path, string Right, string Scope, IReadOnlyList<string> Expected);
}
