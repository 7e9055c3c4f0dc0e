using Dapper;
using Microsoft.Extensions.DependencyInjection;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Schema;
using ValidonX.Provisioner.Outbox;

namespace ValidonX.Tests.Provisioner.Webhooks;

/// <summary>The guarantee: of each license and expiry the tenant is told once, a week ahead, whoever looks how often.</summary>
public sealed class ExpiringLicensesTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>
{
    private static readonly DateTimeOffset Start = new(2027, 3, 1, 10, 0, 0, TimeSpan.Zero);

    private readonly MovableClock _clock = new(Start);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_license_is_told_of_once_for_each_expiry()
    {
        var tenant = await TenantAsync();
        var (soon, later, suspended, over) = (
            await LicenseAsync(tenant, Start.AddDays(3)), await LicenseAsync(tenant, Start.AddDays(30)), await LicenseAsync(tenant, Start.AddDays(2), "suspended"), await LicenseAsync(tenant, Start.AddDays(-1)));

        await LookAsync(tenant);
        await LookAsync(tenant);
        Assert.Equal([$"{soon} 2027-03-04T10:00:00Z"], await ToldAsync(tenant));

        _clock.Now = Start.AddDays(23).AddMinutes(-1);
        await LookAsync(tenant);
        Assert.Single(await ToldAsync(tenant));
        _clock.Now = Start.AddDays(23);
        await LookAsync(tenant);
        Assert.Equal([$"{soon} 2027-03-04T10:00:00Z", $"{later} 2027-03-31T10:00:00Z"], await ToldAsync(tenant));

        // Another expiry, within what was looked at already; and the same one touched.
        await SetAsync(tenant, later, Start.AddDays(25));
        await LookAsync(tenant);
        await SetAsync(tenant, later, Start.AddDays(25));
        await LookAsync(tenant);
        Assert.Equivalent(
            new[] { $"{soon} 2027-03-04T10:00:00Z", $"{later} 2027-03-31T10:00:00Z", $"{later} 2027-03-26T10:00:00Z" }, await ToldAsync(tenant), strict: true);
        Assert.DoesNotContain(await ToldAsync(tenant), told => told.StartsWith(suspended.ToString(), StringComparison.Ordinal) || told.StartsWith(over.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Many_licenses_of_one_moment_are_all_told_of_also_when_two_look_at_once()
    {
        var tenant = await TenantAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 450; i++)
        {
            ids.Add(await LicenseAsync(tenant, Start.AddDays(3)));
        }

        await Task.WhenAll(LookAsync(tenant), LookAsync(tenant));

        Assert.Equal(ids.Select(id => $"{id} 2027-03-04T10:00:00Z").Order(), (await ToldAsync(tenant)).Order());
    }

    /// <summary>A provisioner that has just been started drains the tenant's outbox, as long as there is something in it.</summary>
    private async Task LookAsync(TenantPlacement tenant)
    {
        using var host = ProvisionerHost.Build(fixture.Configuration(), also: services => services.AddSingleton<TimeProvider>(_clock));
        var drain = host.Services.GetRequiredService<TenantDrain>();
        while (await drain.DrainAsync(tenant, Cancellation))
        {
            // More.
        }
    }

    private async Task<IReadOnlyList<string>> ToldAsync(TenantPlacement tenant) =>
        [.. (await fixture.RowsAsync(
            """
            SELECT subject_id, JSON_UNQUOTE(JSON_EXTRACT(details, '$.license.expires_at')) FROM audit_logs
            WHERE tenant_id = @TenantId AND action = 'license.expiring' ORDER BY created_at, id
            """,
            new { tenant.TenantId })).Select(row => row.Replace('|', ' '))];

    private async Task<TenantPlacement> TenantAsync()
    {
        var placement = await fixture.Databases.CreateTenantAsync();
        await fixture.ExecuteAsync(
            """
            INSERT INTO tenants (id, name, slug, status, plan_code, region, server_name, database_name, schema_version, created_at, updated_at)
            VALUES (@TenantId, 'Acme', @slug, 'active', 'starter', 'local', @ServerName, @database, @TenantVersion, NOW(), NOW())
            """,
            new { placement.TenantId, slug = $"tenant-{placement.TenantId:N}", placement.ServerName, database = placement.Database.Value, SchemaScript.TenantVersion });
        return placement;
    }

    private async Task<Guid> LicenseAsync(TenantPlacement tenant, DateTimeOffset expiresAt, string status = "active")
    {
        var id = Guid.CreateVersion7();
        await using var scope = await fixture.Databases.Tenants.OpenAsync(tenant, Cancellation);
        await scope.Connection.ExecuteAsync(
            """
            INSERT INTO license_keys (id, license_key, type, status, expires_at, metadata, created_at, updated_at)
            VALUES (@id, @id, 'subscription', @status, @expiresAt, '{}', @now, @now)
            """,
            new { id, status, expiresAt, now = _clock.Now });
        return id;
    }

    private async Task SetAsync(TenantPlacement tenant, Guid id, DateTimeOffset expiresAt)
    {
        await using var scope = await fixture.Databases.Tenants.OpenAsync(tenant, Cancellation);
        await scope.Connection.ExecuteAsync("UPDATE license_keys SET expires_at = @expiresAt, updated_at = @now WHERE id = @id", new { id, expiresAt, now = _clock.Now });
    }
}
