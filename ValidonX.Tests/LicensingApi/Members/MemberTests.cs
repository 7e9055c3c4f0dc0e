using System.Text.Json.Nodes;
using ValidonX.Platform.Accounts;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.LicensingApi.Accounts;
using ValidonX.Tests.LicensingApi.Mail;

namespace ValidonX.Tests.LicensingApi.Members;

/// <summary>CONTRACT §9, members: who may make whom what, and that a tenant is never without an owner.</summary>
[Collection(LicensingCollection.Name)]
public sealed class MemberTests(LicensingPlatform platform)
{
    private const string Path = "/v1/tenant/members";

    [Fact]
    public async Task Only_owners_make_owners_and_admins_do_the_rest()
    {
        var (tenant, owner) = await WithOwnerAsync();
        var admin = await TestUser.CreateAsync(platform);
        await admin.JoinAsync(tenant.Id, "admin");
        var asAdmin = admin.In(tenant, TenantRole.Admin);

        (await asAdmin.PostAsync(Path, new { email = TestUser.NewAddress(), role = "owner" })).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        var invited = (string)(await asAdmin.PostAsync(Path, new { email = TestUser.NewAddress(), role = "admin" })).ShouldBe(201).Data["member"]!["id"]!;
        (await asAdmin.PatchAsync($"{Path}/{invited}", new { role = "owner" })).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        Assert.Equal("viewer", (string?)(await asAdmin.PatchAsync($"{Path}/{invited}", new { role = "viewer" })).ShouldBe(200).Data["member"]!["role"]);
        (await asAdmin.PatchAsync($"{Path}/{admin.Id}", new { role = "owner" })).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        (await asAdmin.PatchAsync($"{Path}/{owner.Id}", new { role = "admin" })).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        (await asAdmin.DeleteAsync($"{Path}/{owner.Id}")).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        (await admin.In(tenant, TenantRole.Developer).PostAsync(Path, new { email = TestUser.NewAddress(), role = "viewer" })).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        // Somebody whom the gateway still takes for an owner is none once it is written.
        (await admin.In(tenant, TenantRole.Owner).PatchAsync($"{Path}/{admin.Id}", new { role = "owner" })).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");

        (await owner.In(tenant, TenantRole.Owner).PatchAsync($"{Path}/{admin.Id}", new { role = "owner" })).ShouldBe(200);
        (await admin.In(tenant, TenantRole.Owner).DeleteAsync($"{Path}/{owner.Id}")).ShouldBe(200);
        var bad = (await admin.In(tenant, TenantRole.Owner).PostAsync(Path, new { email = "nobody", role = "king" })).ShouldBe(422, "VALIDATION.FAILED");
        Assert.Equal(["email", "role"], bad.Details.AsObject().Select(field => field.Key));
        Assert.StartsWith(
            """{"before":{"role":"admin"},"after":{"role":"owner"}""",
            await platform.ScalarAsync<string>("SELECT details FROM audit_logs WHERE tenant_id = @Id AND action = 'member.role_changed' AND subject_id = @admin", new { tenant.Id, admin = admin.Id.ToString() }),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_owner_stays()
    {
        var (tenant, owner) = await WithOwnerAsync();
        var asOwner = owner.In(tenant, TenantRole.Owner);

        (await asOwner.PatchAsync($"{Path}/{owner.Id}", new { role = "admin" })).ShouldBe(409, "RESOURCE.CONFLICT");
        (await asOwner.DeleteAsync($"{Path}/{owner.Id}")).ShouldBe(409, "RESOURCE.CONFLICT");
        (await owner.Here.DeleteAsync($"/v1/account/tenants/{tenant.Id}")).ShouldBe(409, "RESOURCE.CONFLICT");
        // Somebody who is only invited is none yet.
        (await asOwner.PostAsync(Path, new { email = TestUser.NewAddress(), role = "owner" })).ShouldBe(201);
        (await asOwner.DeleteAsync($"{Path}/{owner.Id}")).ShouldBe(409, "RESOURCE.CONFLICT");
        Assert.Equal("owner", (string?)(await asOwner.PatchAsync($"{Path}/{owner.Id}", new { role = "owner" })).ShouldBe(200).Data["member"]!["role"]);
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @Id AND action LIKE 'member.r%'", new { tenant.Id }));
    }

    [Theory]
    [InlineData("demote")]
    [InlineData("remove")]
    [InlineData("leave")]
    [InlineData("delete the account")]
    public async Task Of_two_owners_who_let_each_other_or_themselves_go_at_once_one_stays(string way)
    {
        for (var round = 0; round < 2; round++)
        {
            var (tenant, first) = await WithOwnerAsync();
            var second = await TestUser.CreateAsync(platform);
            await second.JoinAsync(tenant.Id, "owner");

            var answers = await Task.WhenAll(GoAsync(first, second, 0), GoAsync(second, first, 1));

            Assert.Single(answers, answer => answer.Status is 200 or 204);
            Assert.Single(answers, answer => answer.Status == 409);
            Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM tenant_users WHERE tenant_id = @Id AND role = 'owner'", new { tenant.Id }));

            Task<Answer> GoAsync(TestUser by, TestUser other, int replica) => way switch
            {
                "demote" => by.In(tenant, TenantRole.Owner, replica).PatchAsync($"{Path}/{other.Id}", new { role = "viewer" }),
                "remove" => by.In(tenant, TenantRole.Owner, replica).DeleteAsync($"{Path}/{other.Id}"),
                "leave" => by.At(platform.Replicas[replica].Client).DeleteAsync($"/v1/account/tenants/{tenant.Id}"),
                // One goes for good while the other is demoted.
                _ => replica == 0
                    ? by.Here.SendAsync(HttpMethod.Delete, "/v1/account", new { password = TestUser.Password })
                    : by.In(tenant, TenantRole.Owner, replica).PatchAsync($"{Path}/{by.Id}", new { role = "viewer" }),
            };
        }
    }

    [Fact]
    public async Task A_member_leaves_and_both_its_tenant_and_a_repetition_hear_of_it()
    {
        var (tenant, owner) = await WithOwnerAsync();
        var member = await TestUser.CreateAsync(platform);
        await member.JoinAsync(tenant.Id, "viewer");
        var removed = await TestUser.CreateAsync(platform);
        await removed.JoinAsync(tenant.Id, "viewer");

        (await member.Here.DeleteAsync($"/v1/account/tenants/{tenant.Id}")).ShouldBe(204);
        (await member.Here.DeleteAsync($"/v1/account/tenants/{tenant.Id}")).ShouldBe(404, "TENANT.NOT_FOUND");
        (await owner.In(tenant, TenantRole.Owner).DeleteAsync($"{Path}/{removed.Id}")).ShouldBe(200);
        // The first call may have died before it could tell the gateways.
        (await owner.In(tenant, TenantRole.Owner).DeleteAsync($"{Path}/{removed.Id}")).ShouldBe(200);
        (await owner.In(tenant, TenantRole.Owner).DeleteAsync($"{Path}/{Guid.NewGuid()}")).ShouldBe(404, "RESOURCE.NOT_FOUND");

        Assert.Equal([owner.Id.ToString()], (await ListAsync(tenant)).Select(row => (string?)row["user_id"]));
        Assert.Equal(
            "member.left,member.removed",
            await platform.ScalarAsync<string>("SELECT GROUP_CONCAT(action ORDER BY action) FROM audit_logs WHERE tenant_id = @Id AND action LIKE 'member.%'", new { tenant.Id }));
    }

    [Fact]
    public async Task Seats_are_limited_by_the_entitlement_exactly_and_only_if_there_is_one()
    {
        var (tenant, owner) = await WithOwnerAsync();
        await platform.ExecuteAsync("INSERT INTO feature_flags (tenant_id, code, kind, value, updated_at) VALUES (@Id, 'members.max', 'limit', 4, UTC_TIMESTAMP(6))", new { tenant.Id });

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => owner.In(tenant, TenantRole.Owner, i % 2).PostAsync(Path, new { email = TestUser.NewAddress(), role = "viewer" })));

        Assert.Equal(3, answers.Count(answer => answer.Status == 201));
        var refused = answers.First(answer => answer.Status != 201).ShouldBe(403, "ENTITLEMENTS.LIMIT_EXCEEDED");
        Assert.Equal((4, 4, "members.max"), ((int)refused.Details["current"]!, (int)refused.Details["limit"]!, (string?)refused.Details["entitlement"]));
        var open = (string)answers.First(answer => answer.Status == 201).Data["member"]!["id"]!;
        (await owner.In(tenant, TenantRole.Owner).DeleteAsync($"{Path}/{open}")).ShouldBe(200);
        (await owner.In(tenant, TenantRole.Owner).PostAsync(Path, new { email = TestUser.NewAddress(), role = "viewer" })).ShouldBe(201);
    }

    [Fact]
    public async Task They_are_listed_page_by_page_with_filters_and_another_tenants_do_not_exist()
    {
        var (tenant, owner) = await WithOwnerAsync();
        var (_, stranger) = await WithOwnerAsync();
        var email = TestUser.NewAddress();
        var invited = (await owner.In(tenant, TenantRole.Owner).PostAsync(Path, new { email, role = "developer" })).ShouldBe(201).Data["member"]!;
        Assert.Equal((email, null, "developer", "invited", null), ((string?)invited["email"], (string?)invited["name"], (string?)invited["role"], (string?)invited["status"], (string?)invited["user_id"]));

        var first = (await tenant.User(TenantRole.Viewer).GetAsync($"{Path}?limit=1")).ShouldBe(200);
        var second = (await tenant.User(TenantRole.Viewer).GetAsync($"{Path}?limit=1&cursor={(string)first.Meta["next_cursor"]!}")).ShouldBe(200);
        Assert.Equal((email, owner.Email), ((string?)first.Data[0]!["email"], (string?)second.Data[0]!["email"]));
        Assert.Equal((owner.Id.ToString(), "Ada", false), ((string?)second.Data[0]!["user_id"], (string?)second.Data[0]!["name"], (bool)second.Data[0]!["two_factor"]!));
        Assert.Null(second.Meta["next_cursor"]);
        Assert.Equal([email], (await ListAsync(tenant, "?status=invited")).Select(row => (string?)row["email"]));
        Assert.Equal([owner.Email], (await ListAsync(tenant, "?role=owner&status=active")).Select(row => (string?)row["email"]));

        var id = (string)invited["id"]!;
        var other = (await WithOwnerAsync()).Tenant;
        (await stranger.In(other, TenantRole.Owner).PatchAsync($"{Path}/{id}", new { role = "viewer" })).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await stranger.In(other, TenantRole.Owner).PostAsync($"{Path}/{id}/resend")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await stranger.In(other, TenantRole.Owner).DeleteAsync($"{Path}/{id}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    [Fact]
    public async Task An_operator_invites_a_new_owner_when_the_last_one_is_gone()
    {
        var tenant = await platform.CreateTenantAsync();
        var email = TestUser.NewAddress();
        var admin = $"/v1/admin/tenants/{tenant.Id}/members";

        (await platform.Operator().PostAsync(admin, new { email, role = "owner" })).ShouldBe(201);

        Assert.Equal(email, (string?)Assert.Single((await platform.Operator().GetAsync(admin)).ShouldBe(200).Data.AsArray())!["email"]);
        (await platform.Anonymous().PostAsync("/v1/auth/invitations/accept", new { token = await new Mailbox(platform.Operator(), email).TokenAsync(), name = "New", password = TestUser.Password })).ShouldBe(200);
        Assert.Equal("owner", (string?)(await platform.Operator().GetAsync(admin)).ShouldBe(200).Data[0]!["role"]);
        (await platform.Operator().GetAsync($"/v1/admin/tenants/{Guid.NewGuid()}/members")).ShouldBe(404, "TENANT.NOT_FOUND");
        (await platform.Operator().PostAsync($"/v1/admin/tenants/{Guid.NewGuid()}/members", new { email, role = "owner" })).ShouldBe(404, "TENANT.NOT_FOUND");
    }

    private async Task<(LicensedTenant Tenant, TestUser Owner)> WithOwnerAsync()
    {
        var tenant = await platform.CreateTenantAsync();
        var owner = await TestUser.CreateAsync(platform);
        await owner.JoinAsync(tenant.Id, "owner");
        return (tenant, owner);
    }

    private static async Task<IReadOnlyList<JsonNode>> ListAsync(LicensedTenant tenant, string query = "") =>
        [.. (await tenant.Owner.GetAsync($"{Path}{query}")).ShouldBe(200).Data.AsArray().Select(row => row!)];
}
