using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Secrets;
using ValidonX.Platform.Webhooks;

namespace ValidonX.Tests.Provisioner.Webhooks;

/// <summary>An endpoint of the tests, as the API makes it, and events as others write them.</summary>
internal sealed record TestEndpoint(ProvisioningFixture Fixture, Guid Id, Guid TenantId, WebhookKeys Keys)
{
    /// <summary>A tenant in service, without a database of its own.</summary>
    public static async Task<Guid> TenantAsync(ProvisioningFixture fixture, string status = "active")
    {
        var id = Guid.CreateVersion7();
        await fixture.ExecuteAsync(
            """
            INSERT INTO tenants (id, name, slug, status, plan_code, region, created_at, updated_at)
            VALUES (@id, 'Acme', @slug, @status, 'enterprise', 'local', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
            INSERT INTO users (id, email, name, created_at, updated_at) VALUES (@owner, @email, 'Owner', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
            INSERT INTO tenant_users (tenant_id, user_id, role, created_at) VALUES (@id, @owner, 'owner', UTC_TIMESTAMP(6));
            """,
            new { id, slug = $"hooked-{id:N}", status, owner = Guid.CreateVersion7(), email = ProvisioningFixture.OwnerOf(id) });
        return id;
    }

    public static async Task<TestEndpoint> CreateAsync(ProvisioningFixture fixture, string url, Guid? tenantId = null, bool ordered = false, params string[] events)
    {
        var tenant = tenantId ?? await TenantAsync(fixture);
        var (id, keys) = (Guid.CreateVersion7(), WebhookKeys.Create());
        var (secret, signingKey) = keys.Seal(new SecretSealer(Options.Create(fixture.Databases.Secrets)), id);
        await fixture.ExecuteAsync(
            """
            INSERT INTO webhook_endpoints (id, tenant_id, url, status, events, is_ordered, sealed_secret, sealed_signing_key, public_key, created_at, updated_at)
            VALUES (@id, @tenant, @url, 'enabled', @events, @ordered, @secret, @signingKey, @PublicKey, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
            """,
            new { id, tenant, url, events = JsonSerializer.Serialize(events.Length == 0 ? ["*"] : events), ordered, secret, signingKey, keys.PublicKey });
        return new TestEndpoint(fixture, id, tenant, keys);
    }

    /// <summary>Something happens.</summary>
    public async Task<IReadOnlyList<string>> HappenAsync(int count = 1, string type = WebhookTypes.LicenseCreated, DateTimeOffset? at = null)
    {
        var events = Enumerable.Range(0, count).Select(number =>
            new WebhookEvent(Guid.CreateVersion7(), TenantId, type, at ?? DateTimeOffset.UtcNow, new JsonObject { ["number"] = number }) { RequestId = $"request-{number}" }).ToList();
        foreach (var some in events.Chunk(500))
        {
            var sql = new InterpolatedSql();
            foreach (var one in some)
            {
                sql.Add(WebhookIntake.Statement(one)).Add($";\n");
            }

            await Fixture.ExecuteAsync(sql.Text, sql.Parameters);
        }

        return [.. events.Select(one => one.PublicId)];
    }

    /// <summary>How many deliveries are in a state.</summary>
    public Task<long> CountAsync(string status) =>
        Fixture.QueryAsync<long>("SELECT COUNT(*) FROM webhook_deliveries WHERE endpoint_id = @Id AND status = @status", new { Id, status });

    public Task UntilAsync(string status, int count = 1) => Until.TrueAsync(async () => await CountAsync(status) == count, $"{count} deliveries are {status}");

    /// <summary>The columns of its only delivery.</summary>
    public async Task<string> DeliveryAsync(string columns) =>
        Assert.Single(await Fixture.RowsAsync($"SELECT {columns} FROM webhook_deliveries WHERE endpoint_id = @Id", new { Id }));

    /// <summary>Columns of its own row.</summary>
    public async Task<string> RowAsync(string columns) => Assert.Single(await Fixture.RowsAsync($"SELECT {columns} FROM webhook_endpoints WHERE id = @Id", new { Id }));
}
