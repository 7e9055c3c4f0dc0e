using Microsoft.Extensions.DependencyInjection;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Schema;
using ValidonX.Platform.Tenants;
using ValidonX.Provisioner.Fleet;

namespace ValidonX.Tests.Provisioner.Fleet;

/// <summary>Tenants made by an earlier version get the schema of this one, without anyone asking for it.</summary>
public sealed class FleetMigrationTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tenants_behind_the_newest_schema_are_brought_up_when_a_provisioner_starts()
    {
        var behind = new[] { await TenantOfVersionOneAsync("active"), await TenantOfVersionOneAsync("suspended") };
        var closed = await TenantOfVersionOneAsync("closed");

        using var worker = await fixture.StartWorkerHereAsync();

        foreach (var tenant in behind)
        {
            await Until.TrueAsync(
                async () => await fixture.QueryAsync<int>("SELECT schema_version FROM tenants WHERE id = @tenant", new { tenant }) == SchemaScript.TenantVersion,
                "the tenant has the newest schema");
            Assert.Equal(SchemaScript.Tenant.Select(script => script.Name), await fixture.TenantRowsAsync(tenant, "SELECT name FROM schema_migrations ORDER BY number"));
            Assert.Empty(await fixture.TenantRowsAsync(tenant, "SELECT type FROM outbox"));
        }

        await Until.TrueAsync(
            async () => await fixture.QueryAsync<int>("SELECT COUNT(*) FROM jobs WHERE kind = 'migrate' AND status = 'succeeded'") == behind.Length, "both jobs have ended well");
        Assert.Equal(0, await worker.Services.GetRequiredService<FleetMigration>().EnqueueAsync(Cancellation));
        Assert.Equal(1, await fixture.QueryAsync<int>("SELECT schema_version FROM tenants WHERE id = @closed", new { closed }));
        await worker.StopAsync(Cancellation);
    }

    private async Task<Guid> TenantOfVersionOneAsync(string status)
    {
        var placement = new TenantPlacement(Guid.CreateVersion7(), "one", DatabaseName.Create(TenantSlug.FromName("")));
        await fixture.Databases.Administration.EnsureTenantDatabaseAsync(placement, Cancellation);
        await using (var schema = await fixture.Databases.Administration.OpenTenantSchemaAsync(placement, Cancellation))
        {
            await fixture.Databases.Migrator.MigrateAsync(schema, SchemaHistory.Tenant, SchemaScript.Tenant[..1], Cancellation);
        }

        await fixture.ExecuteAsync(
            """
            INSERT INTO tenants (id, name, slug, status, plan_code, region, server_name, database_name, schema_version, created_at, updated_at)
            VALUES (@TenantId, 'Acme', @slug, @status, 'starter', 'local', 'one', @database, 1, NOW(), NOW())
            """,
            new { placement.TenantId, slug = $"tenant-{placement.TenantId:N}", status, database = placement.Database.Value });
        return placement.TenantId;
    }
}
