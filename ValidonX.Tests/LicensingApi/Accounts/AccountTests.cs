using OtpNet;
using ValidonX.Tests.EndToEnd;

namespace ValidonX.Tests.LicensingApi.Accounts;

/// <summary>CONTRACT §6: a user's own profile, tenants and data.</summary>
[Collection(LicensingCollection.Name)]
public sealed class AccountTests(LicensingPlatform platform)
{
    [Fact]
    public async Task A_profile_is_read_and_changed_and_only_real_changes_are_recorded()
    {
        var user = await TestUser.CreateAsync(platform);
        Assert.Equal("Acme", (string?)(await user.Here.GetAsync("/v1/account/profile")).ShouldBe(200).Data["company"]);

        var changed = (await user.Here.PutAsync("/v1/account/profile", new { name = "Grace <script>" })).ShouldBe(200);
        (await user.Here.PutAsync("/v1/account/profile", new { name = "Grace <script>" })).ShouldBe(200);

        Assert.Equal(("Grace <script>", null), ((string?)changed.Data["user"]!["name"], (string?)changed.Data["company"]));
        Assert.Equal(changed.Data.ToJsonString(), (await user.Here.GetAsync("/v1/account/profile")).ShouldBe(200).Data.ToJsonString());
        Assert.Equal(1, await user.EventsAsync("user.profile_changed"));
        (await user.Here.PutAsync("/v1/account/profile", new { company = "" })).ShouldBe(422, "VALIDATION.FAILED");
    }

    [Fact]
    public async Task Tenants_are_listed_page_by_page_newest_first()
    {
        var user = await TestUser.CreateAsync(platform);
        var (first, second) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        await user.JoinAsync(first.Id, "owner");
        await user.JoinAsync(second.Id, "viewer");

        var page = (await user.Here.GetAsync("/v1/account/tenants?limit=1")).ShouldBe(200);
        var rest = (await user.Here.GetAsync($"/v1/account/tenants?limit=1&cursor={(string)page.Meta["next_cursor"]!}")).ShouldBe(200);

        Assert.Equal((second.Id.ToString(), "viewer"), ((string?)page.Data[0]!["id"], (string?)page.Data[0]!["role"]));
        Assert.Equal((first.Id.ToString(), "owner"), ((string?)rest.Data[0]!["id"], (string?)rest.Data[0]!["role"]));
        Assert.Null(rest.Meta["next_cursor"]);
    }

    [Fact]
    public async Task An_export_tells_all_and_no_secret_and_is_recorded()
    {
        var user = await TestUser.CreateAsync(platform);
        var tenant = await platform.CreateTenantAsync();
        await user.JoinAsync(tenant.Id, "admin");
        (await user.LogInAsync()).ShouldBe(200);

        var export = (await user.Here.GetAsync("/v1/account/export")).ShouldBe(200);

        Assert.Equal(user.Email, (string?)export.Data["user"]!["email"]);
        Assert.Equal(tenant.Slug, (string?)export.Data["tenants"]![0]!["slug"]);
        Assert.Equal(2, export.Data["tokens"]!.AsArray().Count);
        Assert.Equal("Confirm your e-mail address", (string?)export.Data["mails"]![0]!["subject"]);
        Assert.Equal(["user.logged_in", "user.registered"], export.Data["events"]!.AsArray().Select(one => (string?)one!["action"]));
        Assert.DoesNotContain(user.Token.Secret, export.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("token=", export.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hash", export.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, await user.EventsAsync("user.exported"));
    }

    [Fact]
    public async Task A_deleted_account_leaves_nothing_but_what_was_recorded()
    {
        var user = await TestUser.CreateAsync(platform);
        var tenant = await platform.CreateTenantAsync();
        await user.JoinAsync(tenant.Id, "developer");
        (await user.Here.PostAsync("/v1/account/two-factor")).ShouldBe(201);
        (await user.Here.PostAsync("/v1/account/tokens", new { name = "laptop" }, "make-1")).ShouldBe(201);

        (await DeleteAsync(user, "not the password")).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await DeleteAsync(user)).ShouldBe(204);

        foreach (var (table, condition) in new[]
        {
            ("users", "id = @Id"), ("tenant_users", "user_id = @Id"), ("personal_access_tokens", "owner_id = @Id"), ("two_factors", "owner_id = @Id"),
            ("recovery_codes", "owner_id = @Id"), ("idempotency_keys", "tenant_id = @Id"), ("registrations", "email = @Email"),
        })
        {
            Assert.True(await platform.ScalarAsync<long>($"SELECT COUNT(*) FROM {table} WHERE {condition}", new { user.Id, user.Email }) == 0, table);
        }

        (await user.LogInAsync()).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        Assert.Equal(["Your account was deleted"], await user.Mailbox.SubjectsAsync());
        Assert.Equal(1, await user.EventsAsync("user.deleted"));
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE details LIKE @email", new { email = $"%{user.Email}%" }));
        (await platform.Anonymous().PostAsync("/v1/auth/register", new { name = "Ada", email = user.Email, password = TestUser.Password })).ShouldBe(202);
        Assert.Contains("Confirm your e-mail address", await user.Mailbox.SubjectsAsync());
    }

    [Fact]
    public async Task The_last_owner_of_a_tenant_stays_until_it_is_handed_over_or_closed()
    {
        var user = await TestUser.CreateAsync(platform);
        var (handed, closed) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        await user.JoinAsync(handed.Id, "owner");
        await user.JoinAsync(closed.Id, "owner");
        (await DeleteAsync(user)).ShouldBe(409, "RESOURCE.CONFLICT");

        await platform.ExecuteAsync("UPDATE tenants SET status = 'closed' WHERE id = @Id", new { closed.Id });
        (await DeleteAsync(user)).ShouldBe(409, "RESOURCE.CONFLICT");
        await (await TestUser.CreateAsync(platform)).JoinAsync(handed.Id, "owner");

        (await DeleteAsync(user)).ShouldBe(204);
    }

    [Fact]
    public async Task Of_two_last_owners_who_leave_at_once_one_stays()
    {
        var tenant = await platform.CreateTenantAsync();
        var users = new[] { await TestUser.CreateAsync(platform), await TestUser.CreateAsync(platform) };
        foreach (var user in users)
        {
            await user.JoinAsync(tenant.Id, "owner");
        }

        var answers = await Task.WhenAll(users.Select((user, i) => user.At(platform.Replicas[i].Client).SendAsync(HttpMethod.Delete, "/v1/account", new { password = TestUser.Password })));

        Assert.Equal([204, 409], answers.Select(answer => answer.Status).Order());
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM tenant_users WHERE tenant_id = @Id AND role = 'owner'", new { tenant.Id }));
    }

    [Fact]
    public async Task Who_has_a_second_factor_needs_it_to_go()
    {
        var user = await TestUser.CreateAsync(platform);
        var secret = Base32Encoding.ToBytes((string)(await user.Here.PostAsync("/v1/account/two-factor")).ShouldBe(201).Data["secret"]!);
        (await user.Here.PostAsync("/v1/account/two-factor/confirm", new { otp = new Totp(secret).ComputeTotp() })).ShouldBe(200);

        (await DeleteAsync(user)).ShouldBe(401, "AUTH.TWO_FACTOR_REQUIRED");
        (await user.Here.SendAsync(HttpMethod.Delete, "/v1/account", new { password = TestUser.Password, otp = "000000" })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await user.Here.SendAsync(HttpMethod.Delete, "/v1/account", new { password = TestUser.Password, otp = new Totp(secret).ComputeTotp(DateTime.UtcNow.AddSeconds(30)) })).ShouldBe(204);
    }

    private static Task<Answer> DeleteAsync(TestUser user, string password = TestUser.Password) => user.Here.SendAsync(HttpMethod.Delete, "/v1/account", new { password });
}
