using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Keys;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Schema;
using ValidonX.Platform.Secrets;

namespace ValidonX.Tests.Provisioner;

/// <summary>What must be there, and how often, when a tenant's run has ended well, however it got there.</summary>
internal static class ProvisionedTenant
{
    public static async Task AssertCompleteAsync(ProvisioningFixture fixture, Guid tenant)
    {
        var run = await fixture.RunOfAsync(tenant);
        Assert.Equal(RunStatus.Succeeded, run.Status);
        Assert.Null(run.Error);
        Assert.Equal(ProvisioningStages.InOrder, run.Stages.Select(stage => stage.Name));
        Assert.All(run.Stages, stage => Assert.Equal(RunStatus.Succeeded, stage.Status));
        Assert.All(run.Stages, stage => Assert.NotNull(stage.DurationMs));
        Assert.Equal("active", await fixture.QueryAsync<string>("SELECT status FROM tenants WHERE id = @tenant", new { tenant }));
        Assert.Equal("succeeded", await fixture.QueryAsync<string>("SELECT status FROM jobs WHERE tenant_id = @tenant", new { tenant }));

        await AssertOneAsync("subscriptions", "tenant_id = @tenant");
        await AssertOneAsync("webhook_endpoints", "tenant_id = @tenant");
        await AssertOneAsync("audit_logs", "tenant_id = @tenant AND action = 'TenantProvisioned'");
        foreach (var number in Enumerable.Range(1, 12))
        {
            await AssertOneAsync(
                "audit_logs", $"tenant_id = @tenant AND action = 'provisioning.stage_succeeded' AND details LIKE '%\"number\":{number},%'");
        }

        // What its owner gets: one mail, with one link that does.
        Assert.Equal(
            1, await fixture.QueryAsync<int>("SELECT COUNT(*) FROM outbox_mails WHERE recipient = @owner AND subject = 'Your tenant is ready'", new { owner = ProvisioningFixture.OwnerOf(tenant) }));
        Assert.Equal(
            1,
            await fixture.QueryAsync<int>(
                "SELECT COUNT(*) FROM mailed_tokens m JOIN users u ON u.id = m.subject_id WHERE u.email = @owner AND m.purpose = 'reset' AND m.used_at IS NULL",
                new { owner = ProvisioningFixture.OwnerOf(tenant) }));
        await AssertKeyAsync(fixture, tenant);
        await AssertDatabaseAsync(fixture, tenant);

        async Task AssertOneAsync(string table, string where) =>
            Assert.Equal(1, await fixture.QueryAsync<int>($"SELECT COUNT(*) FROM {table} WHERE {where}", new { tenant }));
    }

    private static async Task AssertKeyAsync(ProvisioningFixture fixture, Guid tenant)
    {
        var (id, hash, sealedKey) = await fixture.QueryAsync<(Guid, byte[], byte[])>(
            "SELECT id, key_hash, sealed_key FROM api_keys WHERE tenant_id = @tenant", new { tenant });
        var secrets = Options.Create(fixture.Databases.Secrets);
        var raw = new SecretSealer(secrets).Open(sealedKey, SealedPurposes.ApiKey, id);
        Assert.True(ApiKeyText.IsWellFormed(raw));
        Assert.Equal(hash, new ApiKeyHasher(secrets).Hash(raw));
    }

    private static async Task AssertDatabaseAsync(ProvisioningFixture fixture, Guid tenant)
    {
        var (server, database, version) = await fixture.QueryAsync<(string, string, int)>(
            "SELECT server_name, database_name, schema_version FROM tenants WHERE id = @tenant", new { tenant });
        Assert.Equal(SchemaScript.TenantVersion, version);
        Assert.Equal(1, await fixture.QueryAsync<int>(
            "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name LIKE @like", new { like = $"%{tenant:N}%" }));

        var placement = new TenantPlacement(tenant, server, DatabaseName.Parse(database));
        await using var scope = await fixture.Databases.Tenants.OpenAsync(placement, TestContext.Current.CancellationToken);
        Assert.Equal(SchemaScript.TenantVersion, await scope.Connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM schema_migrations"));
        Assert.Equal(7, await scope.Connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM entitlements"));
        Assert.Equal("100", await scope.Connection.ExecuteScalarAsync<string>("SELECT value FROM entitlements WHERE license_id = '' AND code = 'licenses.max'"));
        Assert.Equal(3, await scope.Connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM usage_counters WHERE used = 0"));
        Assert.Equal(2, await scope.Connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM settings"));
        Assert.Equal("\"N\\u00E4me \\u0022quoted\\u0022\"", await scope.Connection.ExecuteScalarAsync<string>("SELECT value FROM branding WHERE name = 'display_name'"));
    }
}
