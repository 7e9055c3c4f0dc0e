using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.LicensingApi.Tokens;

/// <summary>CONTRACT §1, §9: tokens and first keys are secrets that only their first answer shows, so a repetition of the call has to show the same again.</summary>
[Collection(LicensingCollection.Name)]
public sealed class TokenTests(LicensingPlatform platform)
{
    private const string Own = "/v1/account/tokens";

    [Fact]
    public async Task A_creation_repeated_with_its_key_shows_the_same_token_and_makes_no_other()
    {
        var (user, id) = await UserAsync(await platform.CreateTenantAsync());
        var body = new { name = "laptop", expires_at = DateTimeOffset.UtcNow.AddDays(3) };

        var made = (await user.PostAsync(Own, body, "make-1")).ShouldBe(201);
        var again = (await user.PostAsync(Own, body, "make-1")).ShouldBe(201);

        Assert.Equal("true", again.Header("Idempotency-Replayed"));
        Assert.Equal(made.Data.ToJsonString(), again.Data.ToJsonString());
        Assert.Equal(("no-store", "no-store"), (made.Header("Cache-Control"), again.Header("Cache-Control")));
        Assert.True(AccessToken.TryParse((string?)again.Data["token"], out var token));
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM personal_access_tokens WHERE owner_id = @id", new { id }));
        Assert.Equal(1, await AuditedAsync("token.created", token.Id));
        (await user.PostAsync(Own, new { name = "another" }, "make-1")).ShouldBe(422, "IDEMPOTENCY.KEY_REUSED");
    }

    [Fact]
    public async Task A_colleague_who_takes_the_same_key_is_shown_nothing_of_it()
    {
        var tenant = await platform.CreateTenantAsync();
        var ((user, _), (colleague, _)) = (await UserAsync(tenant), await UserAsync(tenant));
        var body = new { name = "laptop", expires_at = DateTimeOffset.UtcNow.AddDays(3) };

        var made = (await user.PostAsync(Own, body, "make-2")).ShouldBe(201);
        var other = (await colleague.PostAsync(Own, body, "make-2")).ShouldBe(201);

        Assert.Null(other.Header("Idempotency-Replayed"));
        Assert.NotEqual((string)made.Data["token"]!, (string)other.Data["token"]!);
        Assert.NotEqual((string)made.Data["user_id"]!, (string)other.Data["user_id"]!);
    }

    [Fact]
    public async Task An_end_that_was_committed_and_not_announced_is_announced_by_its_repetition()
    {
        await using var line = new TcpLine(platform.Redis.Port);
        await using var writer = await platform.StartReplicaAsync(redis: line.Address);
        var tenant = await platform.CreateTenantAsync();
        var (user, id) = await UserAsync(tenant);
        var token = (string)(await user.PostAsync(Own, new { name = "lost" })).ShouldBe(201).Data["id"]!;
        line.Cut();

        var cut = await UserAt(writer.Client, id, tenant).SendAsync(HttpMethod.Delete, $"{Own}/{token}", null, ("Idempotency-Key", "end-1"));

        Assert.True((bool)cut.ShouldBe(503, "SERVER.UNAVAILABLE").Details["committed"]!);
        var again = (await user.SendAsync(HttpMethod.Delete, $"{Own}/{token}", null, ("Idempotency-Key", "end-1"))).ShouldBe(200);
        Assert.Equal("true", again.Header("Idempotency-Replayed"));
        Assert.Equal(0, await OwedAsync(id));
        (await user.DeleteAsync($"{Own}/{token}")).ShouldBe(200);
        Assert.Equal(1, await AuditedAsync("token.revoked", Guid.Parse(token)));
    }

    [Fact]
    public async Task A_reissue_that_was_committed_and_not_announced_shows_the_new_key_when_it_is_repeated()
    {
        await using var line = new TcpLine(platform.Redis.Port);
        await using var writer = await platform.StartReplicaAsync(redis: line.Address);
        var tenant = await platform.CreateTenantAsync();
        await UserAsync(tenant);
        var first = (string)(await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "first" })).ShouldBe(201).Data["id"]!;
        await platform.ExecuteAsync("UPDATE api_keys SET provisioned = 1 WHERE id = @first", new { first });
        var operatorId = Guid.CreateVersion7();
        line.Cut();

        var cut = await platform.OperatorAt(writer.Client, operatorId).PostAsync($"/v1/admin/tenants/{tenant.Id}/api-key/reissue", null, "reissue-1");

        Assert.True((bool)cut.ShouldBe(503, "SERVER.UNAVAILABLE").Details["committed"]!);
        var shown = (await platform.Operator(1, operatorId).PostAsync($"/v1/admin/tenants/{tenant.Id}/api-key/reissue", null, "reissue-1")).ShouldBe(201);
        Assert.Equal("true", shown.Header("Idempotency-Replayed"));
        var hint = await platform.ScalarAsync<string>("SELECT hint FROM api_keys WHERE tenant_id = @Id AND provisioned = 1", new { tenant.Id });
        Assert.EndsWith(hint!, (string)shown.Data["api_key"]!, StringComparison.Ordinal);
        Assert.Equal(2, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM api_keys WHERE tenant_id = @Id", new { tenant.Id }));
        Assert.Equal(0, await OwedAsync(operatorId));
    }

    [Fact]
    public async Task A_change_of_the_password_leaves_no_hash_of_its_body_behind()
    {
        var (user, id) = await UserAsync(await platform.CreateTenantAsync());

        (await user.SendAsync(HttpMethod.Put, "/v1/account/password", new { password = "a first password" }, ("Idempotency-Key", "password-1"))).ShouldBe(204);

        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM idempotency_keys WHERE tenant_id = @id", new { id }));
    }

    [Fact]
    public async Task A_refusal_of_a_token_that_was_ended_is_not_kept_for_the_next_one()
    {
        var tenant = await platform.CreateTenantAsync();
        var (user, id) = await UserAsync(tenant);
        var ended = Guid.Parse((string)(await user.PostAsync(Own, new { name = "ended" })).ShouldBe(201).Data["id"]!);
        (await user.DeleteAsync($"{Own}/{ended}")).ShouldBe(200);

        var body = new { name = "laptop" };

        (await UserAt(platform.Replicas[0].Client, id, tenant, ended).PostAsync(Own, body, "make-3")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        (await user.PostAsync(Own, body, "make-3")).ShouldBe(201);
    }

    private Task<long> AuditedAsync(string action, Guid subject) =>
        platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = @action AND subject_id = @subject", new { action, subject = subject.ToString() });

    private Task<long> OwedAsync(Guid scope) =>
        platform.ScalarAsync<long>("SELECT COUNT(*) FROM idempotency_keys WHERE tenant_id = @scope AND status <> 'answered'", new { scope });

    /// <summary>A member of the tenant, with an account.</summary>
    private async Task<(ApiCaller User, Guid Id)> UserAsync(LicensedTenant tenant)
    {
        var id = Guid.CreateVersion7();
        await platform.ExecuteAsync(
            """
            INSERT INTO users (id, email, name, created_at, updated_at) VALUES (@id, @email, 'Member', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
            INSERT INTO tenant_users (tenant_id, user_id, role, created_at) VALUES (@tenantId, @id, 'owner', UTC_TIMESTAMP(6))
            """,
            new { id, email = $"{id:N}@tenant.example", tenantId = tenant.Id });
        return (UserAt(platform.Replicas[0].Client, id, tenant), id);
    }

    private ApiCaller UserAt(HttpClient client, Guid id, LicensedTenant tenant, Guid? with = null)
    {
        var context = new CallerContext { Kind = CallerKind.User, CallerId = id, TokenId = with, TenantId = tenant.Id, ExpiresAt = LicensingPlatform.InAMinute };
        return new ApiCaller(client, (method, path) => platform.Sign(context, method, path));
    }
}
