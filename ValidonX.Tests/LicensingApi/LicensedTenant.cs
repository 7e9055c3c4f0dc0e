using Dapper;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Databases;

namespace ValidonX.Tests.LicensingApi;

/// <summary>A tenant of the tests, with its app and its users.</summary>
internal sealed class LicensedTenant(LicensingPlatform platform, TenantPlacement placement, string slug, string plan)
{
    private readonly Guid _caller = Guid.CreateVersion7();

    public TenantPlacement Placement { get; } = placement;

    public Guid Id => Placement.TenantId;

    public string Slug { get; } = slug;

    /// <summary>The customer app, at the first replica.</summary>
    public ApiCaller App => AppAt(platform.Replicas[0]);

    /// <summary>The tenant's owner, at the first replica.</summary>
    public ApiCaller Owner => User(TenantRole.Owner);

    /// <summary>Somebody who has come by the tenant's host.</summary>
    public ApiCaller Customer => CustomerAt(platform.Replicas[0].Client);

    /// <summary>The same at any API.</summary>
    public ApiCaller CustomerAt(HttpClient client, DateTimeOffset? now = null) =>
        new(client, (method, path) => platform.Sign(Context(CallerKind.Customer, null, now) with { CallerId = null }, method, path));

    /// <summary>The customer app at a replica.</summary>
    public ApiCaller AppAt(LicensingApiUnderTest replica, DateTimeOffset? now = null) => new(replica, platform, Context(CallerKind.ApiKey, null, now));

    /// <summary>The customer app at any API.</summary>
    public ApiCaller AppOf(HttpClient client) => new(client, (method, path) => platform.Sign(Context(CallerKind.ApiKey, null, null), method, path));

    /// <summary>The customer app at each replica.</summary>
    public IReadOnlyList<ApiCaller> Apps => [.. platform.Replicas.Select(replica => AppAt(replica))];

    /// <summary>A user with a role, at the first replica.</summary>
    public ApiCaller User(TenantRole role, int replica = 0) => new(platform.Replicas[replica], platform, Context(CallerKind.User, role, null));

    /// <summary>The tenant's owner at any API.</summary>
    public ApiCaller OwnerAt(HttpClient client) => new(client, SignForOwner);

    /// <summary>What the gateway would sign for the tenant's owner.</summary>
    public string SignForOwner(string method, string path) => platform.Sign(Context(CallerKind.User, TenantRole.Owner, null), method, path);

    /// <summary>Sends a request whose answer is no envelope to the first replica.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => platform.Replicas[0].Client.SendAsync(request, TestContext.Current.CancellationToken);

    /// <summary>Creates a licence; its id and key.</summary>
    public async Task<(Guid Id, string Key)> CreateLicenseAsync(object? fields = null)
    {
        var license = (await Owner.PostAsync("/v1/tenant/licenses", fields ?? new { })).ShouldBe(201).Data["license"]!;
        return (Guid.Parse((string)license["id"]!), (string)license["key"]!);
    }

    /// <summary>A licence with these entitlements.</summary>
    public Task<(Guid Id, string Key)> CreateLicenseAsync(params (string Code, object Value)[] entitlements) =>
        CreateLicenseAsync(new { entitlements = entitlements.ToDictionary(one => one.Code, one => one.Value) });

    public async Task<T?> ScalarAsync<T>(string sql, object? parameters = null)
    {
        await using var scope = await platform.Databases.Tenants.OpenAsync(Placement, CancellationToken.None);
        return await scope.Connection.ExecuteScalarAsync<T>(sql, parameters);
    }

    public async Task ExecuteAsync(string sql, object? parameters = null)
    {
        await using var scope = await platform.Databases.Tenants.OpenAsync(Placement, CancellationToken.None);
        await scope.Connection.ExecuteAsync(sql, parameters);
    }

    private CallerContext Context(CallerKind kind, TenantRole? role, DateTimeOffset? now) =>
        new()
        {
            Kind = kind,
            CallerId = _caller,
            TenantId = Id,
            TenantSlug = Slug,
            TenantPlan = plan,
            ServerName = Placement.ServerName,
            DatabaseName = Placement.Database.Value,
            Role = role,
            ExpiresAt = (now ?? DateTimeOffset.UtcNow).AddMinutes(1).ToUnixTimeSeconds(),
        };
}
