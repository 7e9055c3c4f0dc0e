using Microsoft.Extensions.DependencyInjection;
using ValidonX.Coherence;
using ValidonX.Platform.Accounts;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.Gateway.Routing;
using ValidonX.Tests.LicensingApi;
using ValidonX.Tests.LicensingApi.Accounts;

namespace ValidonX.Tests.Gateway.SingleSignOn;

/// <summary>A gateway and a licensing API that let an issuer be this machine, on a clock that tests can move.</summary>
public sealed class SsoServers(LicensingPlatform platform) : IAsyncLifetime
{
    internal LicensingPlatform Platform { get; } = platform;

    internal MovableClock Clock { get; } = new(DateTimeOffset.UtcNow);

    internal BothServers Both { get; private set; } = null!;

    internal HttpClient Gateway => Both.Gateway.Client;

    public async ValueTask InitializeAsync() =>
        Both = await BothServers.StartAsync(Platform, builder =>
        {
            builder.Configuration["SingleSignOn:AllowLoopback"] = "true";
            // All tests call from one address.
            builder.Configuration["Gateway:SignIn:PerNetwork"] = "10000";
            builder.Services.AddSingleton<TimeProvider>(Clock);
        });

    public ValueTask DisposeAsync() => Both.DisposeAsync();

    /// <summary>Somebody with this bearer token.</summary>
    internal Caller With(string token) => new(Gateway, token, null);

    /// <summary>A tenant with an owner who can call through the gateway.</summary>
    internal async Task<SsoTenant> TenantAsync()
    {
        var tenant = await Platform.CreateTenantAsync();
        var owner = Guid.CreateVersion7();
        await Platform.ExecuteAsync(
            """
            INSERT INTO users (id, email, name, created_at, updated_at) VALUES (@owner, @email, 'Owner', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
            INSERT INTO tenant_users (tenant_id, user_id, role, created_at) VALUES (@Id, @owner, 'owner', UTC_TIMESTAMP(6))
            """,
            new { owner, email = TestUser.NewAddress(), tenant.Id });
        return new SsoTenant(this, tenant, With(await BothServers.TokenAsync(Platform, TokenOwners.User, owner, Abilities.Tenant)));
    }

    /// <summary>Does what a writer does after its commit.</summary>
    internal Task InvalidateAsync(params Invalidation[] changes) => Both.Gateway.InvalidateAsync(changes);
}

/// <summary>A tenant, and what it does about its single sign-on.</summary>
internal sealed record SsoTenant(SsoServers Servers, LicensedTenant Tenant, Caller Owner)
{
    public Guid Id => Tenant.Id;

    /// <summary>Says where its users sign in.</summary>
    public async Task<Answer> ConfigureAsync(string issuer, string clientId = "validonx", object? more = null)
    {
        var fields = new Dictionary<string, object?> { ["issuer"] = issuer, ["client_id"] = clientId, ["default_role"] = "viewer" };
        foreach (var property in more?.GetType().GetProperties() ?? [])
        {
            fields[property.Name] = property.GetValue(more);
        }

        return await Owner.PutAsync("/v1/tenant/sso", fields, ("If-Match", "*"));
    }

    /// <summary>How often the tenant's audit log has an action.</summary>
    public Task<long> EventsAsync(string action) => Servers.Platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @Id AND action = @action", new { Id, action });

    /// <summary>The members who came by single sign-on: role and address.</summary>
    public Task<long> SignedOnMembersAsync() => Servers.Platform.ScalarAsync<long>(
        "SELECT COUNT(*) FROM sso_subjects s JOIN tenant_users m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id WHERE s.tenant_id = @Id", new { Id });

    /// <summary>The role of the only one.</summary>
    public Task<string?> RoleAsync() => Servers.Platform.ScalarAsync<string>(
        "SELECT m.role FROM sso_subjects s JOIN tenant_users m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id WHERE s.tenant_id = @Id", new { Id });
}
