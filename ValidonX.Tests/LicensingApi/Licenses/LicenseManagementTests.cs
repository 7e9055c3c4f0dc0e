using System.Text.Json.Nodes;
using ValidonX.Platform.Accounts;

namespace ValidonX.Tests.LicensingApi.Licenses;

/// <summary>CONTRACT §6.1, <c>/v1/tenant/licenses</c>.</summary>
[Collection(LicensingCollection.Name)]
public sealed class LicenseManagementTests(LicensingPlatform platform)
{
    [Fact]
    public async Task A_license_is_shown_as_it_was_created()
    {
        var tenant = await platform.CreateTenantAsync();
        var product = (await tenant.Owner.PostAsync("/v1/tenant/products", new { code = "cad", name = "CAD", key_prefix = "CAD" })).ShouldBe(201).Data["product"]!;

        var created = (await tenant.Owner.PostAsync("/v1/tenant/licenses", new
        {
            type = "floating",
            product_id = (string)product["id"]!,
            expires_at = "2099-01-31T12:30:00+02:00",
            grace_days = 7,
            entitlements = new Dictionary<string, object> { ["seats"] = new { limit = 5, hard = true }, ["x"] = false },
            customer = new { name = "Ada", email = "ada@customer.example" },
            metadata = new { order = 4711, nested = new { a = new[] { 1, 2 } } },
        })).ShouldBe(201).Data["license"]!;

        Assert.Matches("^CAD-[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$", (string?)created["key"]);
        var expected = $$$"""
            {"id":"{{{(string)created["id"]!}}}","key":"{{{(string)created["key"]!}}}","type":"floating","status":"active","product_id":"{{{(string)product["id"]!}}}",
             "expires_at":"2099-01-31T10:30:00Z","entitlements":{"seats":5,"x":false},"grace_days":7,
             "customer":{"name":"Ada","email":"ada@customer.example"},"metadata":{"order":4711,"nested":{"a":[1,2]}},
             "activations_count":0,"last_used_at":null,"created_at":"{{{(string)created["created_at"]!}}}"}
            """;
        var plain = created.DeepClone().AsObject();
        Assert.Equal((7, 7), ((int)plain["policy"]!["grace_days"]!, (int)plain["policy_overrides"]!["grace_days"]!));
        plain.Remove("policy");
        plain.Remove("policy_overrides");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), plain), plain.ToJsonString());
        var shown = (await tenant.Owner.GetAsync($"/v1/tenant/licenses/{(string)created["id"]!}")).ShouldBe(200).Data["license"];
        Assert.True(JsonNode.DeepEquals(created, shown), shown!.ToJsonString());
    }

    [Fact]
    public async Task Lists_page_newest_first_and_filter()
    {
        var tenant = await platform.CreateTenantAsync();
        var (expired, _) = await tenant.CreateLicenseAsync(new { expires_at = "2020-01-01T00:00:00Z", customer = new { name = "100% Ünique_Customer" } });
        var (grace, _) = await tenant.CreateLicenseAsync(new { expires_at = DateTimeOffset.UtcNow.AddDays(-1), grace_days = 3 });
        var (suspended, suspendedKey) = await tenant.CreateLicenseAsync();
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{suspended}/suspend")).ShouldBe(200);
        var (active, _) = await tenant.CreateLicenseAsync();

        Assert.Equal([active, suspended, grace, expired], await IdsAsync(tenant, "?limit=100"));
        Assert.Equal([active, grace], await IdsAsync(tenant, "?status=active"));
        Assert.Equal([expired], await IdsAsync(tenant, "?status=expired"));
        Assert.Equal([suspended], await IdsAsync(tenant, "?status=suspended"));
        Assert.Empty(await IdsAsync(tenant, "?status=revoked"));
        Assert.Equal([expired], await IdsAsync(tenant, $"?search={Uri.EscapeDataString("% ünique_")}"));
        Assert.Equal([suspended], await IdsAsync(tenant, $"?search={suspendedKey[5..12]}"));
        Assert.Empty(await IdsAsync(tenant, "?search=%25%25"));
        Assert.Empty(await IdsAsync(tenant, $"?product_id={Guid.NewGuid()}"));

        var first = (await tenant.Owner.GetAsync("/v1/tenant/licenses?limit=3")).ShouldBe(200);
        var second = (await tenant.Owner.GetAsync($"/v1/tenant/licenses?limit=3&cursor={(string)first.Meta["next_cursor"]!}")).ShouldBe(200);
        Assert.Equal(expired.ToString(), (string?)Assert.Single(second.Data.AsArray())!["id"]);
        Assert.Null((string?)second.Meta["next_cursor"]);
    }

    [Fact]
    public async Task Bad_filters_are_told_all_at_once()
    {
        var tenant = await platform.CreateTenantAsync();

        var answer = (await tenant.Owner.GetAsync($"/v1/tenant/licenses?status=gone&product_id=1&search={new string('x', 129)}")).ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(["product_id", "search", "status"], answer.Details.AsObject().Select(field => field.Key));
        (await tenant.Owner.GetAsync("/v1/tenant/licenses?limit=0&cursor=%00")).ShouldBe(422, "VALIDATION.FAILED");
    }

    [Fact]
    public async Task Bad_fields_are_told_all_at_once()
    {
        var tenant = await platform.CreateTenantAsync();

        var answer = (await tenant.Owner.PostAsync("/v1/tenant/licenses", new
        {
            key = "ключ-ключ",
            type = "eternal",
            product_id = 3,
            expires_at = "tomorrow",
            grace_days = -1,
            customer = new { email = "nobody", name = 3 },
            metadata = new { text = new string('x', 9_000) },
            entitlements = new Dictionary<string, object> { ["bad code"] = true, ["array"] = new[] { 1 }, ["limit"] = new { limit = -1 }, ["huge"] = 1e300 },
        })).ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(
            ["customer.email", "customer.name", "entitlements", "entitlements.array", "entitlements.huge", "entitlements.limit", "expires_at", "grace_days", "key", "metadata", "product_id", "type"],
            answer.Details.AsObject().Select(field => field.Key));
        (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { product_id = Guid.NewGuid() })).ShouldBe(422, "VALIDATION.FAILED");
    }

    [Fact]
    public async Task A_taken_key_is_a_conflict()
    {
        var tenant = await platform.CreateTenantAsync();
        await tenant.CreateLicenseAsync(new { key = "MINE-0001" });

        (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { key = "MINE-0001" })).ShouldBe(409, "RESOURCE.CONFLICT");
        await tenant.CreateLicenseAsync(new { key = "mine-0001" });
    }

    [Fact]
    public async Task The_plans_number_of_licenses_is_never_exceeded()
    {
        var tenant = await platform.CreateTenantAsync("starter");
        await tenant.ExecuteAsync("UPDATE entitlements SET value = '5' WHERE license_id = '' AND code = 'licenses.max'");

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => tenant.User(TenantRole.Developer, i % 2).PostAsync("/v1/tenant/licenses", new { })));

        Assert.Equal(5, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer =>
        {
            answer.ShouldBe(403, "ENTITLEMENTS.LIMIT_EXCEEDED");
            Assert.Equal("licenses.max", (string?)answer.Details["entitlement"]);
            Assert.Equal((5, 5), ((int)answer.Details["current"]!, (int)answer.Details["limit"]!));
        });
        Assert.Equal(5, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys"));
    }

    [Fact]
    public async Task States_change_as_they_may_and_revoked_is_for_good()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await tenant.CreateLicenseAsync(new { expires_at = "2020-01-01T00:00:00Z" });

        Assert.Equal("active", await ChangeAsync(tenant, id, "renew", new { expires_at = "2099-01-01T00:00:00Z" }));
        Assert.True((bool)(await tenant.App.ValidateAsync(key)).ShouldBe(200).Data["valid"]!);
        Assert.Equal("suspended", await ChangeAsync(tenant, id, "suspend"));
        Assert.Equal("suspended", await ChangeAsync(tenant, id, "suspend"));
        Assert.Equal("active", await ChangeAsync(tenant, id, "reinstate"));
        Assert.Equal("revoked", await ChangeAsync(tenant, id, "revoke"));
        Assert.Equal("revoked", await ChangeAsync(tenant, id, "revoke"));
        foreach (var change in new[] { "suspend", "reinstate" })
        {
            (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/{change}")).ShouldBe(409, "RESOURCE.CONFLICT");
        }

        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/renew", new { expires_at = "2099-01-01T00:00:00Z" })).ShouldBe(409, "RESOURCE.CONFLICT");
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/renew", new { expires_at = "2020-01-01T00:00:00Z" })).ShouldBe(422, "VALIDATION.FAILED");
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/renew", new { })).ShouldBe(422, "VALIDATION.FAILED");
        Assert.Equal(
            "license.created,license.renewed,license.suspended,license.reinstated,license.revoked",
            await tenant.ScalarAsync<string>("SELECT GROUP_CONCAT(type ORDER BY position) FROM outbox WHERE subject_id = @id AND actor_type = 'user'", new { id }));
    }

    [Fact]
    public async Task What_is_not_the_tenants_is_not_found()
    {
        var (ours, theirs) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var (license, _) = await theirs.CreateLicenseAsync();

        foreach (var id in new[] { license.ToString(), Guid.NewGuid().ToString(), "not-an-id", new string('x', 5_000), "%ff" })
        {
            (await ours.Owner.GetAsync($"/v1/tenant/licenses/{id}")).ShouldBe(404, "LICENSE.NOT_FOUND");
            (await ours.Owner.PostAsync($"/v1/tenant/licenses/{id}/suspend")).ShouldBe(404, "LICENSE.NOT_FOUND");
            (await ours.Owner.PostAsync($"/v1/tenant/licenses/{id}/renew", new { expires_at = "2099-01-01T00:00:00Z" })).ShouldBe(404, "LICENSE.NOT_FOUND");
        }
    }

    private static async Task<string?> ChangeAsync(LicensedTenant tenant, Guid id, string change, object? body = null) =>
        (string?)(await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/{change}", body)).ShouldBe(200).Data["license"]!["status"];

    private static async Task<IReadOnlyList<Guid>> IdsAsync(LicensedTenant tenant, string query) =>
        [.. (await tenant.Owner.GetAsync($"/v1/tenant/licenses{query}")).ShouldBe(200).Data.AsArray().Select(item => Guid.Parse((string)item!["id"]!))];
}
