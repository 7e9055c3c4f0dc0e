using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;

namespace ValidonX.Tests.LicensingApi.Callers;

/// <summary>CONTRACT §2: who may call what, straight at the licensing API.</summary>
[Collection(LicensingCollection.Name)]
public sealed class CallerTests(LicensingPlatform platform)
{
    private static readonly string[] Paths = ["/v1/integration/licenses/ABC/validate", "/v1/tenant/licenses", "/v1/admin/tenants", "/auth/login", "/v1/plans", "/nowhere"];

    [Fact]
    public async Task Without_a_valid_context_nothing_but_the_health_checks_answers()
    {
        var tenant = await platform.CreateTenantAsync();
        var valid = platform.Sign(new CallerContext { Kind = CallerKind.ApiKey, TenantId = tenant.Id, ExpiresAt = LicensingPlatform.InAMinute }, "POST", Paths[0]);
        foreach (var header in new[]
        {
            null,
            "",
            "nonsense",
            ".",
            new string('a', 4_000),
            valid[..^20] + (valid[^20] == 'A' ? 'B' : 'A') + valid[^19..],
            valid[..^1] + "!",
            valid[..^1] + "~",
            "x" + valid[1..],
            platform.Sign(new CallerContext { Kind = CallerKind.Operator, ExpiresAt = DateTimeOffset.UtcNow.AddSeconds(-1).ToUnixTimeSeconds() }),
        })
        {
            var caller = new ApiCaller(platform.Replicas[0], header);
            foreach (var path in Paths)
            {
                (await caller.PostAsync(path)).ShouldBe(401, "AUTH.UNAUTHENTICATED");
                (await caller.GetAsync(path)).ShouldBe(401, "AUTH.UNAUTHENTICATED");
            }

            (await caller.GetAsync("/health")).ShouldBe(200);
            (await caller.GetAsync("/alive")).ShouldBe(200);
        }
    }

    [Fact]
    public async Task A_context_ends_with_its_time_also_when_it_is_remembered()
    {
        var tenant = await platform.CreateTenantAsync();
        var clock = new MovingClock();
        await using var replica = await platform.StartReplicaAsync(clock);
        var app = tenant.AppAt(replica, clock.GetUtcNow());
        (await app.ValidateAsync("ABC-DEF")).ShouldBe(404);
        (await app.ValidateAsync("ABC-DEF")).ShouldBe(404);

        clock.Ahead = TimeSpan.FromSeconds(61);

        (await app.ValidateAsync("ABC-DEF")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
    }

    [Fact]
    public async Task A_context_opens_only_the_kind_of_route_and_the_method_that_it_was_signed_for()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync();
        var context = new CallerContext
        {
            Kind = CallerKind.ApiKey,
            CallerId = Guid.CreateVersion7(),
            TenantId = tenant.Id,
            ServerName = tenant.Placement.ServerName,
            DatabaseName = tenant.Placement.Database.Value,
            ExpiresAt = LicensingPlatform.InAMinute,
        };
        var validate = $"/v1/integration/licenses/{key}/validate";
        var genuine = platform.Sign(context, "POST", validate);
        (await new ApiCaller(platform.Replicas[0], genuine).PostAsync(validate)).ShouldBe(200);

        foreach (var other in new[] { "/v1/integration/activations", "/v1/integration/usage/record", "/v1/integration/licensing/resolve", "/auth/login", "/V1/Integration/Activations/" })
        {
            (await new ApiCaller(platform.Replicas[0], genuine).PostAsync(other)).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        }

        foreach (var wrong in new[]
        {
            platform.Sign(context),
            platform.Sign(context with { Route = "validate" }),
            platform.Sign(context with { Method = "POST" }),
            platform.Sign(context, "GET", validate),
            platform.Sign(context, "POST", "/v1/integration/activations"),
            platform.Sign(context, "POST", "/v1/plans"),
        })
        {
            (await new ApiCaller(platform.Replicas[0], wrong).PostAsync(validate)).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        }
    }

    [Fact]
    public async Task Each_kind_of_caller_has_its_own_routes()
    {
        var tenant = await platform.CreateTenantAsync();

        (await tenant.Owner.ValidateAsync("ABC")).ShouldBe(401, "AUTH.INVALID_API_KEY");
        (await platform.Operator().ValidateAsync("ABC")).ShouldBe(401, "AUTH.INVALID_API_KEY");
        (await platform.Anonymous().ValidateAsync("ABC")).ShouldBe(401, "AUTH.INVALID_API_KEY");
        (await platform.Operator().GetAsync("/v1/tenant/licenses")).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        (await tenant.App.GetAsync("/v1/tenant/licenses")).ShouldBe(401, "AUTH.TOKEN.REQUIRED");
        (await platform.Anonymous().GetAsync("/v1/tenant/licenses")).ShouldBe(401, "AUTH.TOKEN.REQUIRED");
        (await tenant.Owner.GetAsync("/v1/admin/tenants")).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        (await tenant.App.GetAsync("/v1/admin/tenants")).ShouldBe(401, "AUTH.TOKEN.REQUIRED");
        (await platform.Anonymous().GetAsync("/auth/me")).ShouldBe(401, "AUTH.TOKEN.REQUIRED");
        (await tenant.App.GetAsync("/v1/plans")).ShouldBe(200);
    }

    [Theory]
    [InlineData(TenantRole.Viewer, 200, 403, 403)]
    [InlineData(TenantRole.Developer, 200, 201, 403)]
    [InlineData(TenantRole.Admin, 200, 201, 201)]
    [InlineData(TenantRole.Owner, 200, 201, 201)]
    public async Task A_role_decides_what_a_user_may_do(TenantRole role, int reading, int licensing, int keys)
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, _) = await tenant.CreateLicenseAsync();
        var user = tenant.User(role);

        foreach (var path in new[] { "licenses", $"licenses/{id}", "products", "activations", "api-keys" })
        {
            (await user.GetAsync($"/v1/tenant/{path}")).ShouldBe(reading);
        }

        Expect(await user.PostAsync("/v1/tenant/licenses", new { }), licensing);
        Expect(await user.PostAsync("/v1/tenant/products", new { code = "p", name = "P" }), licensing);
        Expect(await user.PostAsync($"/v1/tenant/licenses/{id}/suspend"), licensing == 201 ? 200 : 403);
        Expect(await user.PostAsync("/v1/tenant/api-keys", new { name = "k" }), keys);

        static void Expect(EndToEnd.Answer answer, int status)
        {
            answer.ShouldBe(status);
            if (status == 403)
            {
                Assert.Equal("AUTH.INSUFFICIENT_PERMISSIONS", answer.Code);
            }
        }
    }

    private sealed class MovingClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }
}
