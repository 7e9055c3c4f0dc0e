using System.Text.Json.Nodes;

namespace ValidonX.Tests.LicensingApi.Bulk;

/// <summary>Licenses as a file, which another tenant, or another system, can take in.</summary>
[Collection(CrowdCollection.Name)]
public sealed class ExportTests(LicensingPlatform platform)
{
    [Theory]
    [InlineData("csv", Upload.Csv)]
    [InlineData("ndjson", Upload.Lines)]
    public async Task What_is_exported_can_be_imported_and_is_the_same(string format, string type)
    {
        var (from, to) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        (await from.Owner.ImportAsync(Upload.LinesOf(1_100, "MANY"), Upload.Lines)).ShouldBe(202);
        var (revoked, _) = await from.CreateLicenseAsync(new { key = "REVOKED-1" });
        (await from.Owner.PostAsync($"/v1/tenant/licenses/{revoked}/revoke")).ShouldBe(200);
        await from.CreateLicenseAsync(new
        {
            key = "'=ODD,\"1\"",
            type = "subscription",
            expires_at = "2020-01-01T00:00:00.123456Z",
            grace_days = 3,
            customer = new { name = "=cmd|' /C calc'!A0", email = "+a@example.com" },
            metadata = new { text = "line\nbreak, \"quote\" ü" },
            entitlements = new Dictionary<string, object> { ["a"] = "5", ["b"] = "true", ["c"] = -1.5, ["d"] = new { limit = 9, hard = true }, ["e"] = false, ["f"] = "=1+1" },
        });
        await from.CreateLicenseAsync(new
        {
            key = "OWN-RULES",
            type = "floating",
            policy = new { max_activations = 3, grace_days = 0, churn = new { activations = 1, per_days = 30 }, allowed_regions = new[] { "DE", "AT" }, denied_regions = Array.Empty<string>() },
        });

        var file = await FileAsync(from, $"?format={format}");
        (await to.Owner.ImportAsync(file, type)).ShouldBe(202);

        Assert.Equal(await AllAsync(from), await AllAsync(to));
        Assert.Equal(await from.ScalarAsync<string>("SELECT GROUP_CONCAT(code) FROM entitlements WHERE hard_limit = 1"), await to.ScalarAsync<string>("SELECT GROUP_CONCAT(code) FROM entitlements WHERE hard_limit = 1"));
    }

    [Fact]
    public async Task No_cell_is_a_formula()
    {
        var tenant = await platform.CreateTenantAsync();
        foreach (var (index, name) in new[] { "=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://x\")" }.Index())
        {
            await tenant.CreateLicenseAsync(new { key = $"@KEY-{index}", customer = new { name } });
        }

        var lines = (await FileAsync(tenant, "?format=csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.All(lines.Skip(1).SelectMany(line => line.Split(',')), cell => Assert.DoesNotMatch("^\"?[=+@\\t-]", cell));
        Assert.All(lines.Skip(1), line => Assert.Contains(",'@KEY-", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_holds_what_the_list_would_show()
    {
        var tenant = await platform.CreateTenantAsync();
        await tenant.CreateLicenseAsync(new { key = "ALPHA-1" });
        var (id, _) = await tenant.CreateLicenseAsync(new { key = "ALPHA-2" });
        await tenant.CreateLicenseAsync(new { key = "BETA-01", expires_at = "2020-01-01T00:00:00Z", grace_days = 0 });
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/suspend")).ShouldBe(200);

        Assert.Equal(["ALPHA-1"], await KeysAsync("&status=active"));
        Assert.Equal(["ALPHA-2"], await KeysAsync("&status=suspended&search=alpha"));
        Assert.Equal(["BETA-01"], await KeysAsync("&status=expired"));
        Assert.Equal(["ALPHA-1", "ALPHA-2", "BETA-01"], await KeysAsync(""));
        Assert.Empty(await KeysAsync($"&product_id={Guid.NewGuid()}"));
        (await tenant.Owner.GetAsync("/v1/tenant/licenses/export?format=xml")).ShouldBe(422, "VALIDATION.FAILED");

        async Task<IEnumerable<string>> KeysAsync(string filter) =>
            (await FileAsync(tenant, $"?format=ndjson{filter}")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string)JsonNode.Parse(line)!["key"]!);
    }

    /// <summary>Everything that a license is but its id and when it was made.</summary>
    private static async Task<IReadOnlyList<string>> AllAsync(LicensedTenant tenant) =>
        [.. (await FileAsync(tenant, "?format=ndjson")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            var license = JsonNode.Parse(line)!.AsObject();
            license.Remove("id");
            license.Remove("created_at");
            return license.ToJsonString();
        }).Order(StringComparer.Ordinal)];

    private static async Task<string> FileAsync(LicensedTenant tenant, string query)
    {
        var path = $"/v1/tenant/licenses/export{query}";
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-ValidonX-Internal-Context", tenant.SignForOwner("GET", path));
        using var response = await tenant.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, response.ToString());
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
