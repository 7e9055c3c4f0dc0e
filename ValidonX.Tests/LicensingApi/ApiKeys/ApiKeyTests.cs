using Dapper;

namespace ValidonX.Tests.LicensingApi.ApiKeys;

/// <summary>CONTRACT §6.1, <c>/v1/tenant/api-keys</c>; what gateways make of it is tested with them.</summary>
[Collection(LicensingCollection.Name)]
public sealed class ApiKeyTests(LicensingPlatform platform)
{
    private const string Path = "/v1/tenant/api-keys";

    [Fact]
    public async Task A_key_is_shown_once_and_then_only_hinted_at()
    {
        var tenant = await platform.CreateTenantAsync();

        var created = (await tenant.Owner.PostAsync(Path, new { name = "ci", scopes = new[] { "licenses" }, allowed_ips = new[] { "203.0.113.0/24", "::1" }, expires_at = "2099-01-01T00:00:00Z" })).ShouldBe(201);

        var key = (string)created.Data["key"]!;
        Assert.Matches("^vx_[0-9a-f]{64}$", key);
        Assert.Equal("active", (string?)created.Data["status"]);
        var listed = (await tenant.Owner.GetAsync(Path)).ShouldBe(200);
        Assert.DoesNotContain(key, listed.ToString(), StringComparison.Ordinal);
        var shown = Assert.Single(listed.Data.AsArray())!;
        Assert.Equal((key[^4..], "active", "2099-01-01T00:00:00Z"), ((string)shown["hint"]!, (string)shown["status"]!, (string)shown["expires_at"]!));
        Assert.Equal("""["203.0.113.0/24","::1"]""", shown["allowed_ips"]!.ToJsonString());
    }

    [Fact]
    public async Task A_deleted_key_is_revoked_and_a_foreign_one_does_not_exist()
    {
        var (ours, theirs) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var id = (string)(await ours.Owner.PostAsync(Path, new { name = "k" })).ShouldBe(201).Data["id"]!;

        (await theirs.Owner.DeleteAsync($"{Path}/{id}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await theirs.Owner.PostAsync($"{Path}/{id}/rotate")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        Assert.Equal($$"""{"deleted":true,"id":"{{id}}"}""", (await ours.Owner.DeleteAsync($"{Path}/{id}")).ShouldBe(200).Data.ToJsonString());
        (await ours.Owner.DeleteAsync($"{Path}/{id}")).ShouldBe(200);
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = 'api_key.revoked' AND subject_id = @id", new { id }));
        (await ours.Owner.DeleteAsync($"{Path}/nonsense")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        Assert.Equal("revoked", (string?)(await ours.Owner.GetAsync(Path)).Data[0]!["status"]);
    }

    [Fact]
    public async Task A_rotated_key_goes_on_for_the_overlap_and_can_be_rotated_once()
    {
        var tenant = await platform.CreateTenantAsync();
        var id = (string)(await tenant.Owner.PostAsync(Path, new { name = "k", scopes = ValidonX.Platform.Keys.ApiKeyScopes.Names })).ShouldBe(201).Data["id"]!;

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => tenant.Owner.PostAsync($"{Path}/{id}/rotate", new { overlap_seconds = 3600 })));

        var rotated = Assert.Single(answers, answer => answer.Status == 201);
        Assert.All(answers.Where(answer => answer != rotated), answer => answer.ShouldBe(409, "RESOURCE.CONFLICT"));
        Assert.Matches("^vx_[0-9a-f]{64}$", (string?)rotated.Data["key"]);
        Assert.Equal(ValidonX.Platform.Keys.ApiKeyScopes.Names, rotated.Data["scopes"]!.AsArray().Select(scope => (string)scope!));
        Assert.Equal(id, (string?)rotated.Data["replaces"]!["id"]);
        Assert.InRange((DateTimeOffset)rotated.Data["replaces"]!["expires_at"]!, DateTimeOffset.UtcNow.AddMinutes(59), DateTimeOffset.UtcNow.AddMinutes(61));
        var old = (await tenant.Owner.GetAsync(Path)).Data.AsArray().Single(key => (string?)key!["id"] == id)!;
        Assert.Equal(("active", (string)rotated.Data["id"]!), ((string)old["status"]!, (string)old["replaced_by"]!));

        var next = (string)rotated.Data["id"]!;
        (await tenant.Owner.PostAsync($"{Path}/{next}/rotate", new { overlap_seconds = 0 })).ShouldBe(201);
        Assert.Equal("expired", (string?)(await tenant.Owner.GetAsync(Path)).Data.AsArray().Single(key => (string?)key!["id"] == next)!["status"]);
    }

    [Fact]
    public async Task Bad_fields_are_told_all_at_once()
    {
        var tenant = await platform.CreateTenantAsync();

        var answer = (await tenant.Owner.PostAsync(Path, new { scopes = new[] { "everything" }, allowed_ips = new[] { "somewhere" }, expires_at = "2020-01-01T00:00:00Z" }))
            .ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(["allowed_ips", "expires_at", "name", "scopes"], answer.Details.AsObject().Select(field => field.Key));
        (await tenant.Owner.PostAsync($"{Path}/{Guid.NewGuid()}/rotate", new { overlap_seconds = -1 })).ShouldBe(422, "VALIDATION.FAILED");
    }

    [Fact]
    public async Task An_operator_lists_a_tenants_keys_and_limits_one()
    {
        var tenant = await platform.CreateTenantAsync();
        var id = (string)(await tenant.Owner.PostAsync(Path, new { name = "k" })).ShouldBe(201).Data["id"]!;
        var admin = $"/v1/admin/tenants/{tenant.Id}/api-keys";

        var limited = (await platform.Operator().PutAsync($"{admin}/{id}/rate-limit", new { requests = 50, period_seconds = 10 })).ShouldBe(200).Data;

        Assert.Equal("""{"requests":50,"period_seconds":10}""", limited["rate_limit"]!.ToJsonString());
        Assert.Equal(id, (string?)Assert.Single((await platform.Operator().GetAsync(admin)).ShouldBe(200).Data.AsArray())!["id"]);
        await using (var connection = await platform.Databases.Platform.OpenAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal((50L, 10L), await connection.QuerySingleAsync<(long, long)>("SELECT rate_limit_requests, rate_limit_period_seconds FROM api_keys WHERE id = @id", new { id }));
        }

        Assert.Null((await platform.Operator().PutAsync($"{admin}/{id}/rate-limit", new { requests = (int?)null })).ShouldBe(200).Data["rate_limit"]);
        (await platform.Operator().PutAsync($"{admin}/{id}/rate-limit", new { requests = 0, period_seconds = 0 })).ShouldBe(422, "VALIDATION.FAILED");
        (await platform.Operator().PutAsync($"{admin}/{id}/rate-limit", new { period_seconds = 5 })).ShouldBe(422, "VALIDATION.FAILED");
        (await platform.Operator().PutAsync($"{admin}/{Guid.NewGuid()}/rate-limit", new { requests = 1 })).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await platform.Operator().GetAsync($"/v1/admin/tenants/{Guid.NewGuid()}/api-keys")).ShouldBe(404, "TENANT.NOT_FOUND");
    }
}
