using ValidonX.Platform.Accounts;

namespace ValidonX.Tests.LicensingApi.Billing;

/// <summary><c>/v1/billing/subscription</c> and what operators do with subscriptions.</summary>
public sealed class SubscriptionTests(BillingApi api) : IClassFixture<BillingApi>
{
    [Fact]
    public async Task A_better_plan_is_in_force_when_the_call_returns_and_the_rest_of_the_period_is_charged_to_the_cent()
    {
        api.Clock.Now = BillingApi.Start;
        var tenant = await api.CreateTenantAsync("starter", price: 0);
        Assert.Equal("100 plan", await tenant.LimitAsync("licenses.max"));
        api.Clock.Now = BillingApi.Start.AddDays(21);

        var changed = await tenant.ChangePlanAsync("pro");

        Assert.Equal(("pro", "pro", true), ((string)changed["plan"]!, (string)changed["effective_plan"]!, (bool)changed["plan_in_force"]!));
        Assert.Equal("unlimited plan", await tenant.LimitAsync("licenses.max"));
        Assert.True((bool)(await tenant.SubscriptionAsync())["plan_in_force"]!);
        var invoice = Assert.Single(await tenant.InvoicesAsync())!;
        Assert.Equal((1225, "open"), ((int)invoice["total_cents"]!, (string)invoice["status"]!));
        Assert.Equal(0, await api.Platform.ScalarAsync<int>("SELECT COUNT(*) FROM jobs WHERE tenant_id = @Id AND kind <> 'apply_plan'", new { tenant.Id }));
    }

    [Fact]
    public async Task Operators_overrides_survive_a_change_of_plan()
    {
        var tenant = await api.CreateTenantAsync("starter", price: 0);
        await api.Platform.ExecuteAsync("INSERT INTO feature_flags (tenant_id, code, kind, value, updated_at) VALUES (@Id, 'licenses.max', 'limit', 77, UTC_TIMESTAMP(6))", new { tenant.Id });

        await tenant.ChangePlanAsync("pro");

        Assert.Equal("77 override", await tenant.LimitAsync("licenses.max"));
        Assert.Equal("5 plan", await tenant.LimitAsync("products.max"));
        await tenant.ChangePlanAsync("starter");
        Assert.Equal("77 override", await tenant.LimitAsync("licenses.max"));
        Assert.Equal("1 plan", await tenant.LimitAsync("products.max"));
    }

    [Fact]
    public async Task What_is_given_back_becomes_credit_and_the_next_invoice_is_less_by_it()
    {
        api.Clock.Now = BillingApi.Start;
        var tenant = await api.CreateTenantAsync();
        api.Clock.Now = BillingApi.Start.AddDays(7);

        var down = await tenant.ChangePlanAsync("starter");
        Assert.Equal(3675, (int)down["credit_cents"]!);
        Assert.Empty(await tenant.InvoicesAsync());

        api.Clock.Now = BillingApi.Start.AddDays(14);
        var up = await tenant.ChangePlanAsync("pro");

        Assert.Equal(1225, (int)up["credit_cents"]!);
        var invoice = Assert.Single(await tenant.InvoicesAsync())!;
        Assert.Equal((0, "paid"), ((int)invoice["total_cents"]!, (string)invoice["status"]!));
        var lines = (await tenant.Owner.GetAsync($"/v1/billing/invoices/{invoice["id"]}")).ShouldBe(200).Data["lines"]!.AsArray();
        Assert.Equal(["proration 2450", "credit -2450"], lines.Select(line => $"{line!["kind"]} {line["amount_cents"]}"));
    }

    [Fact]
    public async Task Changes_from_everywhere_at_once_neither_make_nor_lose_money()
    {
        api.Clock.Now = BillingApi.Start;
        var tenant = await api.CreateTenantAsync();
        api.Clock.Now = BillingApi.Start.AddDays(11).AddSeconds(12_345);
        var (pro, plans) = (Rest(4900), new[] { "starter", "pro" });

        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(i =>
            ChangeAsync(tenant.User(TenantRole.Owner, i % 2), plans[i % 3 % 2])));

        Assert.All(answers, answer => answer.ShouldBe(200));
        var end = await tenant.SubscriptionAsync();
        var (charged, credit) = await tenant.MoneyAsync();
        Assert.Equal((string)end["plan"]! == "pro" ? 0 : -pro, charged - credit);
        Assert.Equal((string?)end["plan"], (string?)end["effective_plan"]);
        Assert.Equal((string)end["plan"]! == "pro" ? "unlimited plan" : "100 plan", await tenant.LimitAsync("licenses.max"));

        long Rest(long price) => ValidonX.Platform.Billing.Proration.Rest(price, BillingApi.Start, BillingApi.Start.AddMonths(1), api.Clock.Now);

        // Who lost too often against the others is told that the change is made and to repeat the call until it succeeds.
        static async Task<EndToEnd.Answer> ChangeAsync(ApiCaller owner, string plan)
        {
            EndToEnd.Answer? answer = null;
            await Until.TrueAsync(
                async () => (answer = await owner.PostAsync("/v1/billing/subscription/change-plan", new { plan })) is not { Status: 503 } busy || (bool?)busy.Details["committed"] != true,
                () => $"the change succeeds: {answer}");
            return answer!;
        }
    }

    [Fact]
    public async Task A_plan_that_is_too_small_for_what_is_in_use_is_refused_with_what_is_over()
    {
        var tenant = await api.CreateTenantAsync();
        for (var i = 0; i < 2; i++)
        {
            (await tenant.Owner.PostAsync("/v1/tenant/products", new { code = $"p{i}", name = "Product" })).ShouldBe(201);
        }

        foreach (var when in new[] { "now", "period_end" })
        {
            var refused = (await tenant.Owner.PostAsync("/v1/billing/subscription/change-plan", new { plan = "starter", when })).ShouldBe(409, "RESOURCE.CONFLICT");
            Assert.Equal("""{"over":{"products.max":{"limit":1,"used":2}}}""", refused.Details.ToJsonString());
        }

        Assert.Equal("pro", (string?)(await tenant.SubscriptionAsync())["plan"]);
        Assert.Equal((0, 0), await tenant.MoneyAsync());
        Assert.Equal("5 plan", await tenant.LimitAsync("products.max"));
    }

    [Fact]
    public async Task A_change_at_the_periods_end_waits_for_it_and_can_be_taken_back()
    {
        api.Clock.Now = BillingApi.Start;
        var tenant = await api.CreateTenantAsync();

        Assert.Equal("starter", (string?)(await tenant.ChangePlanAsync("starter", "period_end"))["next_plan"]);
        Assert.Null((await tenant.ChangePlanAsync("pro"))["next_plan"]);
        await tenant.ChangePlanAsync("starter", "period_end");
        api.Clock.Now = BillingApi.Start.AddMonths(1).AddMinutes(1);

        // Whoever asks for anything first, what was due happens before.
        var now = (await tenant.Owner.PostAsync("/v1/billing/subscription/resume")).ShouldBe(200).Data["subscription"]!;

        Assert.Equal(("starter", "starter"), ((string)now["plan"]!, (string)now["effective_plan"]!));
        Assert.Equal("2027-03-31T10:00:00Z", (string?)now["current_period_end"]);
        Assert.Equal((0, 0), await tenant.MoneyAsync());
        Assert.Equal("100 plan", await tenant.LimitAsync("licenses.max"));
    }

    [Fact]
    public async Task A_cancellation_can_be_taken_back_until_the_period_ends_and_afterwards_a_new_one_begins()
    {
        api.Clock.Now = BillingApi.Start;
        var tenant = await api.CreateTenantAsync();
        var canceled = (await tenant.Owner.PostAsync("/v1/billing/subscription/cancel")).ShouldBe(200).Data["subscription"]!;
        Assert.Equal(("active", "2027-02-28T10:00:00Z"), ((string)canceled["status"]!, (string)canceled["cancel_at"]!));
        Assert.Null((await tenant.Owner.PostAsync("/v1/billing/subscription/resume")).ShouldBe(200).Data["subscription"]!["cancel_at"]);

        var ended = (await tenant.Owner.PostAsync("/v1/billing/subscription/cancel", new { at_period_end = false })).ShouldBe(200).Data["subscription"]!;
        Assert.Equal(("canceled", "pro", "starter"), ((string)ended["status"]!, (string)ended["plan"]!, (string)ended["effective_plan"]!));
        Assert.Equal("100 plan", await tenant.LimitAsync("licenses.max"));
        (await tenant.Owner.PostAsync("/v1/billing/subscription/change-plan", new { plan = "pro" })).ShouldBe(409, "RESOURCE.CONFLICT");

        api.Clock.Now = BillingApi.Start.AddDays(3);
        var again = (await tenant.Owner.PostAsync("/v1/billing/subscription/resume")).ShouldBe(200).Data["subscription"]!;
        Assert.Equal(("active", "pro", "2027-03-03T10:00:00Z"), ((string)again["status"]!, (string)again["effective_plan"]!, (string)again["current_period_end"]!));
        Assert.Equal("unlimited plan", await tenant.LimitAsync("licenses.max"));
        Assert.Equal(4900, (int)Assert.Single(await tenant.InvoicesAsync())!["total_cents"]!);
    }

    [Fact]
    public async Task On_hold_no_time_passes_and_what_was_left_of_the_period_is_left_afterwards()
    {
        api.Clock.Now = BillingApi.Start;
        var tenant = await api.CreateTenantAsync();
        var path = $"/v1/admin/tenants/{tenant.Id}/subscription";
        api.Clock.Now = BillingApi.Start.AddDays(10);
        Assert.Equal("paused", (string?)(await api.Operator.PostAsync($"{path}/pause")).ShouldBe(200).Data["subscription"]!["status"]);
        (await tenant.Owner.PostAsync("/v1/billing/subscription/change-plan", new { plan = "starter" })).ShouldBe(409, "RESOURCE.CONFLICT");

        api.Clock.Now = BillingApi.Start.AddDays(110);
        Assert.Equal("paused", (string?)(await api.Operator.PostAsync($"{path}/pause")).ShouldBe(200).Data["subscription"]!["status"]);
        var up = (await api.Operator.PostAsync($"{path}/unpause")).ShouldBe(200).Data["subscription"]!;

        Assert.Equal(("active", "2027-06-08T10:00:00Z"), ((string)up["status"]!, (string)up["current_period_end"]!));
        Assert.Empty(await tenant.InvoicesAsync());
        api.Clock.Now = new DateTimeOffset(2027, 6, 8, 10, 0, 0, TimeSpan.Zero);
        Assert.Equal("2027-07-08T10:00:00Z", (string?)(await api.Operator.PostAsync($"{path}/resume")).ShouldBe(200).Data["subscription"]!["current_period_end"]);
        Assert.Single(await tenant.InvoicesAsync());
    }

    [Fact]
    public async Task The_owner_decides_others_look_and_operators_give_what_nobody_can_choose()
    {
        var tenant = await api.CreateTenantAsync();
        foreach (var role in new[] { TenantRole.Viewer, TenantRole.Developer, TenantRole.Admin })
        {
            (await tenant.User(role).GetAsync("/v1/billing/subscription")).ShouldBe(200);
            (await tenant.User(role).GetAsync("/v1/billing/invoices")).ShouldBe(200);
            (await tenant.User(role).PostAsync("/v1/billing/subscription/change-plan", new { plan = "starter" })).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
            (await tenant.User(role).PostAsync("/v1/billing/subscription/cancel")).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
            (await tenant.User(role).PutAsync("/v1/billing/details", new { })).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        }

        (await tenant.Owner.PostAsync("/v1/billing/subscription/change-plan", new { plan = "enterprise" })).ShouldBe(422, "VALIDATION.FAILED");
        (await tenant.Owner.PostAsync("/v1/billing/subscription/change-plan", new { plan = "no-such-plan" })).ShouldBe(422, "VALIDATION.FAILED");
        (await tenant.Owner.PostAsync("/v1/billing/subscription/change-plan", new { plan = 3, when = "tomorrow" })).ShouldBe(422, "VALIDATION.FAILED");
        (await tenant.Owner.PostAsync($"/v1/admin/tenants/{tenant.Id}/subscription/pause")).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        var given = (await api.Operator.PostAsync($"/v1/admin/tenants/{tenant.Id}/subscription/change-plan", new { plan = "enterprise" })).ShouldBe(200).Data["subscription"]!;
        Assert.Equal("enterprise", (string?)given["effective_plan"]);
        (await api.Operator.GetAsync($"/v1/admin/tenants/{Guid.NewGuid()}/subscription")).ShouldBe(404, "BILLING.SUBSCRIPTION_NOT_FOUND");
        (await api.Operator.PostAsync("/v1/admin/tenants/nonsense/subscription/pause")).ShouldBe(404, "BILLING.SUBSCRIPTION_NOT_FOUND");
    }

    [Fact]
    public async Task A_repeated_change_is_made_once()
    {
        api.Clock.Now = BillingApi.Start;
        var tenant = await api.CreateTenantAsync("starter", price: 0);

        var answers = new List<EndToEnd.Answer>();
        for (var i = 0; i < 3; i++)
        {
            answers.Add((await tenant.Owner.PostAsync("/v1/billing/subscription/change-plan", new { plan = "pro" }, idempotencyKey: "change")).ShouldBe(200));
        }

        Assert.Single(answers.Select(answer => answer.Data.ToJsonString()).Distinct());
        Assert.Single(await tenant.InvoicesAsync());
    }
}
