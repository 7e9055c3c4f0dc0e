namespace ValidonX.Tests.EndToEnd;

/// <summary>The audit log through the gateway: what a tenant does is in its chain shortly after, and nobody else's.</summary>
public sealed class AuditTests
{
    private const string Path = "/v1/tenant/audit-logs";

    [Fact]
    public async Task What_a_tenant_does_is_in_its_own_chain_shortly_after()
    {
        var stack = await Stack.GetAsync();
        var (tenant, other) = (await stack.CreateTenantAsync(), await stack.CreateTenantAsync());
        var license = await tenant.CreateLicenseAsync(new { metadata = new { note = "Ünïcode" } });
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{license.Id}/revoke")).ShouldBe(200);

        await Until.TrueAsync(async () => (await tenant.Owner.GetAsync($"{Path}?target={license.Id}")).Data.AsArray() is { Count: 2 } found && found.All(entry => entry!["hash"] is not null));

        var entries = (await tenant.Owner.GetAsync($"{Path}?target={license.Id}")).ShouldBe(200);
        var (revoked, created) = (entries.Data[0]!, entries.Data[1]!);
        Assert.Equal(("license.revoked", "license.created"), ((string)revoked["action"]!, (string)created["action"]!));
        Assert.Equal(("user", "Owner"), ((string)revoked["actor"]!["kind"]!, (string)revoked["actor"]!["name"]!));
        Assert.Equal(("active", "revoked"), ((string)revoked["before"]!["status"]!, (string)revoked["after"]!["status"]!));
        Assert.Equal("Ünïcode", (string?)created["after"]!["metadata"]!["note"]);
        Assert.DoesNotContain(license.Key, entries.ToString(), StringComparison.Ordinal);
        Assert.Empty((await other.Owner.GetAsync($"{Path}?target={license.Id}")).ShouldBe(200).Data.AsArray());
        var verdict = (await tenant.Owner.PostAsync($"{Path}/verify")).ShouldBe(200).Data;
        Assert.True((bool)verdict["valid"]!, verdict.ToJsonString());
        Assert.True((long)verdict["checked"]! >= 2);
        Assert.Equal(2, (await stack.Operator.GetAsync($"/v1/admin/audit-logs?tenant_id={tenant.Id}&target={license.Id}")).ShouldBe(200).Data.AsArray().Count);
        (await tenant.App.GetAsync(Path)).ShouldBe(401);
        (await tenant.Owner.GetAsync("/v1/admin/audit-logs")).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        Assert.Contains(
            (await stack.Operator.GetAsync("/v1/admin/audit-logs?action=operator.logged_in")).ShouldBe(200).Data.AsArray(), entry => (string?)entry!["actor"]!["kind"] == "operator");
    }
}
