using ValidonX.Platform.Accounts;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.LicensingApi.Accounts;
using ValidonX.Tests.LicensingApi.Mail;

namespace ValidonX.Tests.LicensingApi.Members;

/// <summary>CONTRACT §9, invitations: by mail, once, for a while; and a tenant learns nothing of strangers by inviting them.</summary>
[Collection(LicensingCollection.Name)]
public sealed class InvitationTests(LicensingPlatform platform)
{
    private const string Path = "/v1/tenant/members";

    [Fact]
    public async Task Who_has_no_account_opens_one_by_the_mail_and_is_a_member()
    {
        var tenant = await platform.CreateTenantAsync();
        var (mailbox, id) = await InviteAsync(tenant, TestUser.NewAddress());
        Assert.Equal(["You are invited to ValidonX"], await mailbox.SubjectsAsync());
        var text = (string)(await mailbox.MailsAsync())[0]["text"]!;
        Assert.Contains($"'{tenant.Slug}'", text, StringComparison.Ordinal);
        Assert.Contains("'developer'", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Acme", text, StringComparison.Ordinal);
        var token = await mailbox.TokenAsync();

        (await AcceptAsync(token, "password1234")).ShouldBe(422, "VALIDATION.FAILED");
        (await AcceptAsync(token, $"it is {mailbox.Address.Split('@')[0]}")).ShouldBe(422, "VALIDATION.FAILED");
        var joined = (await AcceptAsync(token)).ShouldBe(200);

        Assert.Equal((mailbox.Address, true), ((string?)joined.Data["user"]!["email"], (bool)joined.Data["user"]!["email_verified"]!));
        Assert.Equal((tenant.Id.ToString(), "developer"), ((string?)joined.Data["tenants"]![0]!["id"], (string?)joined.Data["tenants"]![0]!["role"]));
        Assert.True(AccessToken.TryParse((string?)joined.Data["token"], out _));
        (await platform.Anonymous().PostAsync("/v1/auth/login", new { email = mailbox.Address, password = TestUser.Password })).ShouldBe(200);
        (await AcceptAsync(token)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        var member = (await tenant.Owner.GetAsync(Path)).ShouldBe(200).Data[0]!;
        Assert.Equal((id, "Grace", "active", "developer"), ((string?)member["id"], (string?)member["name"], (string?)member["status"], (string?)member["role"]));
        (await tenant.Owner.PostAsync($"{Path}/{id}/resend")).ShouldBe(409, "RESOURCE.CONFLICT");
        (await tenant.Owner.PostAsync(Path, new { email = mailbox.Address, role = "viewer" })).ShouldBe(409, "RESOURCE.CONFLICT");
        Assert.Equal(
            "member.invited,member.joined",
            await platform.ScalarAsync<string>("SELECT GROUP_CONCAT(action ORDER BY action) FROM audit_logs WHERE tenant_id = @Tenant AND subject_id = @id", new { Tenant = tenant.Id, id }));
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE details LIKE @address", new { address = $"%{mailbox.Address}%" }));
    }

    [Fact]
    public async Task Whether_an_address_has_an_account_is_not_told_and_who_has_one_accepts_signed_in()
    {
        var tenant = await platform.CreateTenantAsync();
        var user = await TestUser.CreateAsync(platform);
        var stranger = await TestUser.CreateAsync(platform);

        var known = (await tenant.Owner.PostAsync(Path, new { email = user.Email, role = "admin" })).ShouldBe(201);
        var unknown = (await tenant.Owner.PostAsync(Path, new { email = TestUser.NewAddress(), role = "admin" })).ShouldBe(201);

        Assert.Equal(Shape(unknown), Shape(known));
        Assert.Equal(["You are invited to ValidonX", "Confirm your e-mail address"], await user.Mailbox.SubjectsAsync());
        // A mail alone opens no account that has a password of its own.
        (await AcceptAsync(await user.Mailbox.TokenAsync())).ShouldBe(409, "RESOURCE.CONFLICT");
        var listed = Assert.Single((await user.Here.GetAsync("/v1/account/invitations")).ShouldBe(200).Data.AsArray())!;
        Assert.Equal((tenant.Slug, "admin"), ((string?)listed["tenant_slug"], (string?)listed["role"]));
        var accept = $"/v1/account/invitations/{listed["id"]}";
        (await stranger.Here.PostAsync($"{accept}/accept")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await stranger.Here.DeleteAsync(accept)).ShouldBe(404, "RESOURCE.NOT_FOUND");

        Assert.Equal("admin", (string?)(await user.Here.PostAsync($"{accept}/accept")).ShouldBe(200).Data["tenant"]!["role"]);
        // As whoever lost the answer does.
        (await user.Here.PostAsync($"{accept}/accept")).ShouldBe(200);
        Assert.Empty((await user.Here.GetAsync("/v1/account/invitations")).ShouldBe(200).Data.AsArray());
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM tenant_users WHERE tenant_id = @Tenant AND user_id = @Id AND role = 'admin'", new { Tenant = tenant.Id, user.Id }));
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @Id AND action = 'member.joined'", new { tenant.Id }));

        static string Shape(Answer answer)
        {
            var member = answer.Data["member"]!.AsObject();
            foreach (var own in (string[])["id", "email", "expires_at", "created_at"])
            {
                Assert.NotNull(member[own]);
                member.Remove(own);
            }

            return member.ToJsonString();
        }
    }

    [Fact]
    public async Task An_account_whose_address_is_not_proved_is_joined_by_nobodys_invitation()
    {
        var tenant = await platform.CreateTenantAsync();
        var user = await TestUser.CreateAsync(platform);
        await platform.ExecuteAsync("UPDATE users SET email_verified_at = NULL WHERE id = @Id", new { user.Id });
        var (_, id) = await InviteAsync(tenant, user.Email);

        Assert.Empty((await user.Here.GetAsync("/v1/account/invitations")).ShouldBe(200).Data.AsArray());
        (await user.Here.PostAsync($"/v1/account/invitations/{id}/accept")).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await user.Here.DeleteAsync($"/v1/account/invitations/{id}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await AcceptAsync(await user.Mailbox.TokenAsync())).ShouldBe(409, "RESOURCE.CONFLICT");
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM tenant_users WHERE tenant_id = @Id", new { tenant.Id }));
    }

    [Fact]
    public async Task It_ends_after_a_week_is_sent_again_and_taken_back()
    {
        await using var later = await platform.StartReplicaAsync(new ShiftedClock(TimeSpan.FromDays(7.1)));
        var tenant = await platform.CreateTenantAsync();
        var (mailbox, id) = await InviteAsync(tenant, TestUser.NewAddress());
        var first = await mailbox.TokenAsync();
        var inAWeek = DateTimeOffset.UtcNow.AddDays(7.1).AddMinutes(1).ToUnixTimeSeconds();
        var owner = new ValidonX.Platform.Callers.CallerContext
        {
            Kind = ValidonX.Platform.Callers.CallerKind.User,
            CallerId = Guid.CreateVersion7(),
            TenantId = tenant.Id,
            ServerName = tenant.Placement.ServerName,
            DatabaseName = tenant.Placement.Database.Value,
            Role = TenantRole.Owner,
            ExpiresAt = inAWeek,
        };
        var late = new ApiCaller(later, platform, owner);
        var anyone = new ApiCaller(later, platform, new ValidonX.Platform.Callers.CallerContext { Kind = ValidonX.Platform.Callers.CallerKind.Anonymous, ExpiresAt = inAWeek });

        (await AcceptAsync(first, by: anyone)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        Assert.Equal("expired", (string?)(await late.GetAsync(Path)).ShouldBe(200).Data[0]!["status"]);
        (await late.PostAsync(Path, new { email = mailbox.Address, role = "viewer" })).ShouldBe(409, "RESOURCE.CONFLICT");
        Assert.Equal("invited", (string?)(await late.PostAsync($"{Path}/{id}/resend")).ShouldBe(200).Data["member"]!["status"]);
        var second = await mailbox.TokenAsync();
        Assert.NotEqual(first, second);
        (await AcceptAsync(first)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");

        (await late.DeleteAsync($"{Path}/{id}")).ShouldBe(200);
        (await AcceptAsync(second, by: anyone)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await late.PostAsync(Path, new { email = mailbox.Address, role = "viewer" })).ShouldBe(201);
        (await AcceptAsync(await mailbox.TokenAsync(), by: anyone)).ShouldBe(200);
    }

    [Fact]
    public async Task Of_many_who_accept_one_at_once_one_joins()
    {
        var tenant = await platform.CreateTenantAsync();
        var (mailbox, id) = await InviteAsync(tenant, TestUser.NewAddress());
        var token = await mailbox.TokenAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => AcceptAsync(token, by: platform.Anonymous(i % 2))));

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => Assert.True(answer.Status is 403 or 409, answer.ToString()));
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM tenant_users WHERE tenant_id = @Tenant AND id = @id", new { Tenant = tenant.Id, id }));
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM users WHERE email = @Address", new { mailbox.Address }));
    }

    [Fact]
    public async Task A_tenant_cannot_mail_to_strangers_without_end()
    {
        var tenant = await platform.CreateTenantAsync();
        var (mailbox, id) = await InviteAsync(tenant, TestUser.NewAddress());
        for (var i = 0; i < 11; i++)
        {
            (await tenant.Owner.PostAsync($"{Path}/{id}/resend")).ShouldBe(200);
        }

        Assert.Equal(10, (await mailbox.MailsAsync()).Count);
        await platform.ExecuteAsync(
            $"INSERT INTO invitations (id, tenant_id, email, role, expires_at, created_at) VALUES {string.Join(", ", Enumerable.Range(0, 99).Select(_ => "(UUID(), @Id, 'x@y.example', 'viewer', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))"))}",
            new { tenant.Id });
        (await tenant.Owner.PostAsync(Path, new { email = TestUser.NewAddress(), role = "viewer" })).ShouldBe(409, "RESOURCE.CONFLICT");
    }

    [Fact]
    public async Task A_declined_one_is_over_and_one_for_an_account_that_goes_goes_with_it()
    {
        var tenant = await platform.CreateTenantAsync();
        var user = await TestUser.CreateAsync(platform);
        var (_, id) = await InviteAsync(tenant, user.Email);
        Assert.Equal(tenant.Slug, (string?)(await user.Here.GetAsync("/v1/account/export")).ShouldBe(200).Data["invitations"]![0]!["tenant_slug"]);

        (await user.Here.DeleteAsync($"/v1/account/invitations/{id}")).ShouldBe(204);
        (await user.Here.DeleteAsync($"/v1/account/invitations/{id}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        Assert.Empty((await tenant.Owner.GetAsync(Path)).ShouldBe(200).Data.AsArray());
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @Id AND action = 'member.declined'", new { tenant.Id }));

        await InviteAsync(tenant, user.Email);
        (await user.Here.SendAsync(HttpMethod.Delete, "/v1/account", new { password = TestUser.Password })).ShouldBe(204);
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM invitations WHERE email = @Email", new { user.Email }));
    }

    private async Task<(Mailbox Mailbox, string Id)> InviteAsync(LicensedTenant tenant, string email)
    {
        var invited = (await tenant.Owner.PostAsync(Path, new { email, role = "developer" })).ShouldBe(201);
        return (new Mailbox(platform.Operator(), email), (string)invited.Data["member"]!["id"]!);
    }

    private Task<Answer> AcceptAsync(string token, string password = TestUser.Password, ApiCaller? by = null) =>
        (by ?? platform.Anonymous()).PostAsync("/v1/auth/invitations/accept", new { token, name = "Grace", password });
}
