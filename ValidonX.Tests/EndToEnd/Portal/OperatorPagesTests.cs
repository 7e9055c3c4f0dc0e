using ValidonX.Tests.LicensingApi.Domains;
using ValidonX.Tests.LicensingApi.Mail;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>What operators set by forms.</summary>
public sealed class OperatorPagesTests
{
    [Fact]
    public async Task A_tenant_and_one_of_its_keys_get_limits_and_thresholds_of_their_own()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        using var visitor = await Visitor.OperateAsync();
        var page = $"/operations/tenants/{tenant.Id}/limits";

        Assert.Contains("It is saved.", await visitor.FillAsync(page, "rates", ("key.requests", "70"), ("key.period_seconds", "60"), ("endpoint.usage", "5")), StringComparison.Ordinal);
        var rates = (await stack.Operator.GetAsync($"/v1/admin/tenants/{tenant.Id}/rate-limits")).ShouldBe(200).Data;
        Assert.Equal((70, 60, 5), ((int)rates["key"]!["requests"]!, (int)rates["key"]!["period_seconds"]!, (int)rates["endpoint"]!["usage"]!));
        Assert.Contains("id=\"field-endpoint-usage-error\"", await visitor.FillAsync(page, "rates", ("endpoint.usage", "0")), StringComparison.Ordinal);

        var saved = await visitor.FillAsync(page, "alerts", ("queue_age_s", "77"));
        Assert.Contains("It is saved.", saved, StringComparison.Ordinal);
        Assert.Contains("In force: 77, as said here for the tenant.", saved, StringComparison.Ordinal);
        // What the platform is configured with is known from the first look at tenants on.
        await Until.TrueAsync(async () => (await visitor.TextAsync(page)).Contains(", as the platform is configured.", StringComparison.Ordinal));
        Assert.Equal(77, (int)(await stack.Operator.GetAsync($"/v1/admin/tenants/{tenant.Id}/alert-thresholds")).ShouldBe(200).Data["queue_age_s"]!);

        var key = (string)(await stack.Operator.GetAsync($"/v1/admin/tenants/{tenant.Id}/api-keys")).ShouldBe(200).Data[0]!["id"]!;
        Assert.Contains("9 calls in 10 s", await visitor.FillAsync(page, $"key-{key}", ("Calls", "9"), ("Seconds", "10")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenants_page_tells_how_large_its_database_is_what_was_slow_and_what_of_the_month_is_used_and_takes_a_domain_away()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var host = DomainTests.NewHost();
        var domain = (await tenant.Owner.PostAsync("/v1/tenant/domains", new { host })).ShouldBe(201).Data["domain"]!["id"]!;
        using var visitor = await Visitor.OperateAsync();
        var page = $"/operations/tenants/{tenant.Id}";

        var text = await visitor.TextAsync(page);
        Assert.All((string[])["Largest tables", ">license_keys<", "KiB", "Slow statements", "Calls of its apps this month", host], part => Assert.Contains(part, text, StringComparison.Ordinal));

        Assert.Contains($"{host} is taken away.", await visitor.FillAsync(page, $"domain-{domain}", ("once", Guid.NewGuid().ToString())), StringComparison.Ordinal);
        Assert.Empty((await tenant.Owner.GetAsync("/v1/tenant/domains")).ShouldBe(200).Data.AsArray());
        Assert.DoesNotContain($"domain-{domain}", await visitor.TextAsync(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_overview_tells_who_calls_most_and_how_long_sign_ups_take_and_the_list_how_each_tenant_fares()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync(name: $"Busy {Guid.NewGuid():N}"[..20]);
        (await tenant.App.PostAsync("/v1/integration/licenses/NO-SUCH-KEY/validate")).ShouldBe(404);
        using var visitor = await Visitor.OperateAsync();

        await Until.TrueAsync(async () => (await visitor.TextAsync("/operations")).Contains("Busiest tenants", StringComparison.Ordinal));
        var overview = await visitor.TextAsync("/operations");
        Assert.All((string[])["× median", "In service after", "Stage by stage", "1. "], part => Assert.Contains(part, overview, StringComparison.Ordinal));

        Assert.Contains(tenant.Id.ToString(), await visitor.TextAsync($"/operations/tenants?search={tenant.Id}&health=well"), StringComparison.Ordinal);
        Assert.Contains("No tenant is like that.", await visitor.TextAsync($"/operations/tenants?search={tenant.Id}&health=alerting"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_colleague_is_invited_accepts_and_is_shut_out_and_let_in_again_by_forms_that_answer_a_second_click_like_the_first()
    {
        const string Page = "/operations/operators";
        const string Password = "a password for one test";
        var stack = await Stack.GetAsync();
        var one = await stack.NewOperatorAsync();
        using var visitor = await Visitor.OperateAsync(one);
        var mailbox = new Mailbox(path => stack.Operator.GetAsync(path), $"operator-{Guid.NewGuid():N}@validonx.example");
        // The second is there before the first is answered.
        (string, string)[] invitation = [("_handler", "invite"), ("Name", "Ada <b>"), ("Email", mailbox.Address), ("once", Guid.NewGuid().ToString())];
        foreach (var click in await Task.WhenAll(visitor.PostAsync(Page, Page, invitation), visitor.PostAsync(Page, Page, invitation)))
        {
            using (click)
            {
                Assert.Contains("They are invited", await click.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            }
        }

        Assert.Single(await mailbox.MailsAsync());
        Assert.Contains("RESOURCE.CONFLICT", await visitor.FillAsync(Page, "invite", ("Name", "Twin"), ("Email", mailbox.Address), ("once", Guid.NewGuid().ToString())), StringComparison.Ordinal);
        var id = (string)(await one.At[0].GetAsync($"{StackOperator.Path}?status=invited&limit=100")).ShouldBe(200).Data.AsArray().Single(shown => (string?)shown!["email"] == mailbox.Address)!["id"]!;
        await TwiceAsync($"resend-{id}", "Another mail is on its way");
        Assert.Equal(2, (await mailbox.MailsAsync()).Count);

        // By the page that the mail leads to; nobody presses a button only once.
        var link = $"/accept-invitation/operator?token={await mailbox.TokenAsync()}";
        Assert.Contains(link, (string)(await mailbox.MailsAsync())[0]["text"]!, StringComparison.Ordinal);
        using var colleague = await Visitor.OpenAsync();
        using var again = await Visitor.OpenAsync();
        Assert.Contains("id=\"field-password-error\"", await colleague.FillAsync(link, "accept", ("Token", await mailbox.TokenAsync()), ("Password", "short")), StringComparison.OrdinalIgnoreCase);
        foreach (var click in new[] { colleague, again })
        {
            Assert.Equal("/operations", await click.FillAsync(link, "accept", ("Token", await mailbox.TokenAsync()), ("Password", Password)));
        }

        Assert.Contains("Ada <b>", await colleague.TextAsync("/operations"), StringComparison.Ordinal);
        Assert.Contains("Your password is changed", await colleague.FillAsync("/operations/account", "password", ("CurrentPassword", Password), ("NewPassword", "another password of a test")), StringComparison.Ordinal);
        Assert.Contains("AUTH.VERIFICATION_FAILED", await colleague.FillAsync("/operations/account", "password", ("CurrentPassword", Password), ("NewPassword", "a third password of a test")), StringComparison.Ordinal);
        // That ended the other session.
        Assert.Contains("AUTH.UNAUTHENTICATED", await again.TextAsync("/operations/account"), StringComparison.Ordinal);

        await TwiceAsync($"disable-{id}", "They are shut out.");
        Assert.Contains("AUTH.UNAUTHENTICATED", await colleague.TextAsync("/operations/account"), StringComparison.Ordinal);
        await TwiceAsync($"enable-{id}", "They are let in again.");
        await TwiceAsync($"rename-{id}", "The name is changed.", ("Name", "Ada Lovelace"));
        var text = await visitor.TextAsync(Page);
        Assert.Contains("Ada Lovelace", text, StringComparison.Ordinal);
        // Neither oneself nor the configured account has the button.
        Assert.DoesNotContain($"disable-{one.Id}", text, StringComparison.Ordinal);

        using var forgetful = await Visitor.OpenAsync();
        Assert.Contains("we have written to it", await forgetful.FillAsync("/forgot-password", "forgot", ("Email", mailbox.Address), ("Kind", "operators")), StringComparison.Ordinal);
        var reset = $"/reset-password/operator?token={await mailbox.TokenAsync()}";
        Assert.Contains(reset, (string)(await mailbox.MailsAsync())[0]["text"]!, StringComparison.Ordinal);
        for (var click = 0; click < 2; click++)
        {
            Assert.Contains("Your password is changed.", await forgetful.FillAsync(reset, "reset", ("Token", await mailbox.TokenAsync()), ("Password", "a fourth password of a test")), StringComparison.Ordinal);
        }

        Assert.Equal("/operations", await forgetful.FillAsync("/sign-in", "sign-in", ("Email", mailbox.Address), ("Password", "a fourth password of a test"), ("Kind", "operators")));

        async Task TwiceAsync(string form, string answer, params IEnumerable<(string, string)> fields)
        {
            (string, string)[] sent = [("_handler", form), .. fields, ("once", Guid.NewGuid().ToString())];
            for (var i = 0; i < 2; i++)
            {
                using var click = await visitor.PostAsync(Page, Page, sent);
                // Where the first took the button away, the second leads to the page as it is now.
                var isLed = i == 1 && click.Headers.Location?.ToString().EndsWith(Page, StringComparison.Ordinal) == true;
                Assert.Contains(answer, isLed ? answer : System.Net.WebUtility.HtmlDecode(await click.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task The_people_of_a_tenant_are_seen_invited_and_a_token_is_taken_back()
    {
        var stack = await Stack.GetAsync();
        var vendor = await Portal.Vendor.CreateAsync();
        using var visitor = await Visitor.OperateAsync();
        var page = $"/operations/tenants/{vendor.TenantId}/people";
        Assert.Contains(vendor.Email, await visitor.TextAsync(page), StringComparison.Ordinal);
        var address = $"second-{Guid.NewGuid():N}@tenant.example";
        Assert.Contains(address, await visitor.FillAsync(page, "invite", ("Email", address), ("Role", "viewer"), ("once", Guid.NewGuid().ToString())), StringComparison.Ordinal);

        var user = (string)(await stack.Operator.GetAsync($"/v1/admin/tenants/{vendor.TenantId}/members?status=active")).ShouldBe(200).Data[0]!["user_id"]!;
        Assert.Contains("The token is made.", await visitor.FillAsync(page, "new-token", ("User", user), ("Name", "For a script"), ("once", Guid.NewGuid().ToString())), StringComparison.Ordinal);
        var token = (await stack.Operator.GetAsync($"/v1/admin/tenants/{vendor.TenantId}/tokens")).ShouldBe(200).Data.AsArray().Single(one => (string?)one!["name"] == "For a script")!;
        Assert.Contains("The token is revoked.", await visitor.FillAsync(page, $"revoke-{token["id"]}", ("once", Guid.NewGuid().ToString())), StringComparison.Ordinal);
        Assert.DoesNotContain("For a script", await visitor.TextAsync(page), StringComparison.Ordinal);
    }
}
