using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;
using ValidonX.Tests.LicensingApi.Mail;

namespace ValidonX.Tests.LicensingApi.Accounts;

/// <summary>A user who has registered and proved the address.</summary>
internal sealed record TestUser(LicensingPlatform Platform, string Email, Guid Id, AccessToken Token)
{
    public const string Password = "a password for one test";

    /// <summary>The user, with the token of the last sign-in, at the first replica.</summary>
    public ApiCaller Here => At(Platform.Replicas[0].Client);

    public Mailbox Mailbox => new(Platform.Operator(), Email);

    public static string NewAddress() => $"user-{Guid.NewGuid():N}@tenant.example";

    public static async Task<TestUser> CreateAsync(LicensingPlatform platform)
    {
        var email = NewAddress();
        (await platform.Anonymous().PostAsync("/v1/auth/register", new { name = "Ada", email, password = Password, company = "Acme" })).ShouldBe(202);
        var verified = (await platform.Anonymous().PostAsync("/v1/auth/email/verify", new { token = await new Mailbox(platform.Operator(), email).TokenAsync() })).ShouldBe(200);
        Assert.True(AccessToken.TryParse((string?)verified.Data["token"], out var token));
        return new TestUser(platform, email, Guid.Parse((string)verified.Data["user"]!["id"]!), token);
    }

    public ApiCaller At(HttpClient client)
    {
        var context = new CallerContext { Kind = CallerKind.User, CallerId = Id, TokenId = Token.Id, ExpiresAt = LicensingPlatform.InAMinute };
        return new ApiCaller(client, (method, path) => Platform.Sign(context, method, path));
    }

    /// <summary>The user as the gateway announces a member of a tenant.</summary>
    public ApiCaller In(LicensedTenant tenant, TenantRole role, int replica = 0)
    {
        var context = new CallerContext
        {
            Kind = CallerKind.User,
            CallerId = Id,
            TokenId = Token.Id,
            TenantId = tenant.Id,
            TenantSlug = tenant.Slug,
            ServerName = tenant.Placement.ServerName,
            DatabaseName = tenant.Placement.Database.Value,
            Role = role,
            ExpiresAt = LicensingPlatform.InAMinute,
        };
        return new ApiCaller(Platform.Replicas[replica].Client, (method, path) => Platform.Sign(context, method, path));
    }

    /// <summary>Tries to log in.</summary>
    public Task<EndToEnd.Answer> LogInAsync(string password = Password, string? otp = null, int replica = 0) =>
        Platform.Anonymous(replica).PostAsync("/v1/auth/login", new { email = Email, password, otp });

    /// <summary>Makes the user a member of a tenant.</summary>
    public Task JoinAsync(Guid tenantId, string role) =>
        Platform.ExecuteAsync(
            "INSERT INTO tenant_users (tenant_id, user_id, role, created_at) VALUES (@tenantId, @Id, @role, UTC_TIMESTAMP(6))", new { tenantId, Id, role });

    /// <summary>How many valid tokens the user has.</summary>
    public Task<long> ValidTokensAsync() =>
        Platform.ScalarAsync<long>("SELECT COUNT(*) FROM personal_access_tokens WHERE owner_id = @Id AND revoked_at IS NULL", new { Id });

    /// <summary>How many events of this kind are recorded that the user caused.</summary>
    public Task<long> EventsAsync(string action) =>
        Platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = @action AND actor_type = 'user' AND actor_id = @id", new { action, id = Id.ToString() });
}
