using System.Collections.Concurrent;

namespace ValidonX.Tests.EndToEnd;

/// <summary>CONTRACT §6.1: what operators do, through the gateway.</summary>
public sealed class OperatorTests
{
    [Fact]
    public async Task Login_gives_a_token_that_logout_ends()
    {
        var stack = await Stack.GetAsync();
        var one = await stack.NewOperatorAsync();
        var nobody = new Caller(stack.Gateways[1], null, null);

        var login = (await nobody.PostAsync("/auth/login", new { email = one.Email.ToUpperInvariant(), password = one.Password })).ShouldBe(200);
        Assert.Equal(one.Email, (string?)login.Data["admin"]!["email"]);
        Assert.NotNull(login.Data["admin"]!["created_at"]);
        var session = new Caller(stack.Gateways[1], (string)login.Data["token"]!, null);
        Assert.Equal(one.Email, (string?)((await session.GetAsync("/auth/me")).ShouldBe(200).Data["admin"] ?? login.Data["admin"])!["email"]);

        (await session.PostAsync("/auth/logout")).ShouldBe(204);

        (await session.GetAsync("/auth/me")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        (await new Caller(stack.Gateways[0], (string)login.Data["token"]!, null).GetAsync("/auth/me")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
    }

    [Fact]
    public async Task A_created_tenant_is_told_with_its_run_and_its_twelve_stages()
    {
        var stack = await Stack.GetAsync();
        var slug = $"shape-{Guid.NewGuid():N}"[..20];

        var created = (await stack.Operator.PostAsync("/v1/admin/tenants", new { name = "Shape", slug, owner = new { email = $"{slug}@tenant.example" } })).ShouldBe(202);

        var tenant = created.Data["tenant"]!;
        Assert.Equal(slug, (string?)tenant["slug"]);
        Assert.Equal("starter", (string?)tenant["plan"]);
        Assert.StartsWith("vx_tenant_shape_", (string?)tenant["database"]!["name"], StringComparison.Ordinal);
        Assert.NotNull(tenant["database"]!["server"]);
        Assert.Equal(12, created.Data["run"]!["stages"]!.AsArray().Count);
        Assert.EndsWith($"/v1/admin/tenants/{(string)tenant["id"]!}", created.Header("Location"), StringComparison.Ordinal);

        var id = (string)tenant["id"]!;
        await Until.TrueAsync(
            async () => (string?)(await stack.Operator.GetAsync($"/v1/admin/tenants/{id}")).Data["run"]!["status"] == "succeeded",
            "the run succeeds");
        var ended = (await stack.Operator.GetAsync($"/v1/admin/tenants/{id}")).ShouldBe(200);
        Assert.Equal("active", (string?)ended.Data["tenant"]!["status"]);
        var stages = ended.Data["run"]!["stages"]!.AsArray();
        Assert.Equal(Enumerable.Range(1, 12), stages.Select(stage => (int)stage!["number"]!));
        Assert.All(stages, stage =>
        {
            Assert.Equal("succeeded", (string?)stage!["status"]);
            Assert.True((int)stage["attempts"]! >= 1);
            Assert.NotNull(stage["started_at"]);
            Assert.NotNull(stage["finished_at"]);
            Assert.True((double)stage["duration_ms"]! >= 0);
            Assert.Null(stage["error"]);
        });
    }

    [Fact]
    public async Task A_taken_slug_is_a_conflict_and_bad_fields_are_told_all_at_once()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();

        (await stack.Operator.PostAsync("/v1/admin/tenants", new { name = "Twin", slug = tenant.Slug, owner = new { email = "twin@tenant.example" } }))
            .ShouldBe(409, "RESOURCE.CONFLICT");
        var bad = (await stack.Operator.PostAsync("/v1/admin/tenants", new { slug = "No Slug!", plan = "gold", owner = new { email = "none" } }))
            .ShouldBe(422, "VALIDATION.FAILED");
        foreach (var field in new[] { "name", "slug", "plan", "owner.email" })
        {
            Assert.NotEmpty(bad.Details[field]!.AsArray());
        }
    }

    [Fact]
    public async Task The_first_key_is_revealed_exactly_once_however_many_ask()
    {
        var stack = await Stack.GetAsync();
        var slug = $"once-{Guid.NewGuid():N}"[..20];
        var id = (string)(await stack.Operator.PostAsync("/v1/admin/tenants", new { name = "Once", slug, owner = new { email = $"{slug}@tenant.example" } }))
            .ShouldBe(202).Data["tenant"]!["id"]!;
        await Until.TrueAsync(
            async () => (string?)(await stack.Operator.GetAsync($"/v1/admin/tenants/{id}")).Data["tenant"]!["status"] == "active",
            "the tenant is active");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => stack.Operator.PostAsync($"/v1/admin/tenants/{id}/api-key/reveal")));

        var shown = Assert.Single(answers, answer => answer.Status == 200);
        Assert.Matches("^vx_[0-9a-f]{64}$", (string?)shown.Data["api_key"]);
        Assert.All(answers.Where(answer => answer != shown), answer => answer.ShouldBe(409, "RESOURCE.CONFLICT"));
        (await new Caller(stack.Gateways[0], (string)shown.Data["bearer_token"]!, null).GetAsync("/v1/tenant/licenses")).ShouldBe(200);
    }

    [Fact]
    public async Task Tenants_are_spread_over_the_database_servers()
    {
        var stack = await Stack.GetAsync();
        var servers = new HashSet<string>();
        // Other tests have tenants made at the same time, by which one server may be ahead for a while.
        for (var i = 0; i < 60 && servers.Count < 2; i++)
        {
            var tenant = await stack.CreateTenantAsync();
            servers.Add((string)(await stack.Operator.GetAsync($"/v1/admin/tenants/{tenant.Id}")).Data["tenant"]!["database"]!["server"]!);
            (await tenant.App.ValidateAsync((await tenant.CreateLicenseAsync()).Key)).ShouldBe(200);
        }

        Assert.Equal(2, servers.Count);
    }

    [Fact]
    public async Task A_closed_tenant_is_refused_and_an_unknown_one_not_found()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();

        (await stack.Operator.PostAsync($"/v1/admin/tenants/{tenant.Id}/close")).ShouldBe(200);

        (await tenant.App.ValidateAsync(license.Key)).ShouldBe(403, "TENANT.INVALID_STATE");
        (await stack.Operator.GetAsync($"/v1/admin/tenants/{Guid.NewGuid()}")).ShouldBe(404, "TENANT.NOT_FOUND");
        (await stack.Operator.PostAsync($"/v1/admin/tenants/{Guid.NewGuid()}/suspend")).ShouldBe(404, "TENANT.NOT_FOUND");
    }

    [Fact]
    public async Task Lists_page_with_a_cursor_and_filter()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var made = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            made.Add((await tenant.CreateLicenseAsync(new { type = i == 0 ? "trial" : "perpetual" })).Id.ToString());
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = (await tenant.Owner.GetAsync($"/v1/tenant/licenses?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}")).ShouldBe(200);
            seen.AddRange(page.Data.AsArray().Select(item => (string)item!["id"]!));
            cursor = (string?)page.Meta["next_cursor"];
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Reverse(made), seen);
        (await tenant.Owner.GetAsync("/v1/tenant/licenses?limit=0")).ShouldBe(422, "VALIDATION.FAILED");
        (await tenant.Owner.GetAsync("/v1/tenant/licenses?limit=101")).ShouldBe(422, "VALIDATION.FAILED");
        (await tenant.Owner.GetAsync("/v1/tenant/licenses?cursor=%00")).ShouldBe(422, "VALIDATION.FAILED");
        Assert.Empty((await tenant.Owner.GetAsync("/v1/tenant/licenses?status=revoked")).ShouldBe(200).Data.AsArray());
    }

    [Fact]
    public async Task Fifty_tenants_at_once_all_become_active()
    {
        var stack = await Stack.GetAsync();
        // All operators together have 64 places at the gateway, and other tests are operators, too.
        var tenants = new ConcurrentBag<TestTenant>();
        await Parallel.ForAsync(0, 50, new ParallelOptions { MaxDegreeOfParallelism = 25 }, async (_, _) => tenants.Add(await stack.CreateTenantAsync("starter")));

        var databases = new HashSet<string>();
        foreach (var tenant in tenants)
        {
            var shown = await stack.Operator.GetAsync($"/v1/admin/tenants/{tenant.Id}");
            Assert.True(databases.Add((string)shown.Data["tenant"]!["database"]!["name"]!));
            (await tenant.App.ValidateAsync("NO-SUCH-LICENSE")).ShouldBe(404, "LICENSE.NOT_FOUND");
        }
    }
}
