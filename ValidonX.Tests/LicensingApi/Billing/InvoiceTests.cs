using System.Net;
using ValidonX.Platform.Accounts;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.LicensingApi.Billing;

/// <summary>Invoices: numbers without gaps, taxes, payments, and the page to print.</summary>
public sealed class InvoiceTests(BillingApi api) : IClassFixture<BillingApi>
{
    [Fact]
    public async Task Fifty_at_once_and_a_process_that_is_killed_leave_no_number_out_and_give_none_twice()
    {
        api.Clock.Now = DateTimeOffset.UtcNow;
        await using var line = new TcpLine(api.Platform.Redis.Port);
        await using var killed = await ApiProcess.StartAsync(api.Platform, line);
        var tenants = new List<BilledTenant>();
        while (tenants.Count < 50)
        {
            tenants.AddRange(await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => api.CreateTenantAsync("starter", price: 0))));
        }

        var asked = tenants.Select((tenant, i) => (i % 3 == 2 ? AtProcess(tenant) : tenant.User(TenantRole.Owner, i % 3)).PostAsync("/v1/billing/subscription/change-plan", new { plan = "pro" })).ToList();
        await Until.TrueAsync(() => asked.Exists(one => one.IsCompleted), "the first are answered");
        await killed.KillAsync();
        foreach (var one in asked)
        {
            try
            {
                (await one).ShouldBe(200);
            }
            catch (HttpRequestException)
            {
                // Its API is dead; whether it was done is asked below.
            }
        }

        foreach (var tenant in tenants)
        {
            // The owner tries again until the answer is there: what was done already is not done again.
            await tenant.ChangePlanAsync("pro");
        }

        var (count, least, most, distinct) = await NumbersAsync();
        Assert.Equal((count, count), (most - least + 1, distinct));
        Assert.Equal(most, await api.Platform.ScalarAsync<long>("SELECT CAST(last_number AS SIGNED) FROM invoice_series"));
        foreach (var tenant in tenants)
        {
            Assert.Equal(1, await api.Platform.ScalarAsync<int>("SELECT COUNT(*) FROM invoices WHERE tenant_id = @Id", new { tenant.Id }));
        }

        ApiCaller AtProcess(BilledTenant tenant) => tenant.Licensed.OwnerAt(killed.Client);
    }

    [Fact]
    public async Task Taxes_of_the_customers_country_are_on_the_invoice_and_stay_as_they_were()
    {
        api.Clock.Now = BillingApi.Start;
        var rate = (await api.Operator.PostAsync("/v1/admin/tax-rates", new { country = "AT", name = "USt", basis_points = 2000 })).ShouldBe(201).Data["id"]!;
        var tenant = await api.CreateTenantAsync("starter", price: 0);
        (await tenant.Owner.PutAsync("/v1/billing/details", new { name = "Acme & Söhne", address = "Gasse 1\nWien", country = "AT", tax_id = "ATU1" })).ShouldBe(200);
        await tenant.ChangePlanAsync("pro");
        (await api.Operator.DeleteAsync($"/v1/admin/tax-rates/{rate}")).ShouldBe(200);
        (await tenant.Owner.PutAsync("/v1/billing/details", new { name = "Other", address = "Elsewhere", country = "DE" })).ShouldBe(200);

        var id = (string)Assert.Single(await tenant.InvoicesAsync())!["id"]!;
        var shown = (await tenant.Owner.GetAsync($"/v1/billing/invoices/{id}")).ShouldBe(200).Data;

        Assert.Equal((4900, 980, 5880), ((int)shown["invoice"]!["subtotal_cents"]!, (int)shown["invoice"]!["tax_cents"]!, (int)shown["invoice"]!["total_cents"]!));
        Assert.Equal(("Acme & Söhne", "AT"), ((string)shown["customer"]!["name"]!, (string)shown["customer"]!["country"]!));
        Assert.Equal(["proration 4900", "tax 980"], shown["lines"]!.AsArray().Select(line => $"{line!["kind"]} {line["amount_cents"]}"));
    }

    [Fact]
    public async Task A_failed_payment_makes_past_due_and_a_payment_makes_it_good()
    {
        api.Clock.Now = BillingApi.Start;
        var tenant = await api.CreateTenantAsync("starter", price: 0);
        await tenant.ChangePlanAsync("pro");
        var path = $"/v1/admin/invoices/{Assert.Single(await tenant.InvoicesAsync())!["id"]}";

        (await api.Operator.PostAsync($"{path}/fail", new { note = "card declined" })).ShouldBe(200);
        var late = await tenant.SubscriptionAsync();
        Assert.Equal(("past_due", "pro", "2027-02-21T10:00:00Z"), ((string)late["status"]!, (string)late["effective_plan"]!, (string)late["grace_ends_at"]!));
        (await tenant.Owner.PostAsync("/v1/billing/subscription/change-plan", new { plan = "starter" })).ShouldBe(409, "RESOURCE.CONFLICT");

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("paid", (string?)(await api.Operator.PostAsync($"{path}/pay")).ShouldBe(200).Data["invoice"]!["status"]);
        }

        Assert.Equal("active", (string?)(await tenant.SubscriptionAsync())["status"]);
        (await api.Operator.PostAsync($"{path}/fail")).ShouldBe(409, "RESOURCE.CONFLICT");
        (await api.Operator.PostAsync($"{path}/void")).ShouldBe(409, "RESOURCE.CONFLICT");
        (await api.Operator.PostAsync($"/v1/admin/invoices/{Guid.NewGuid()}/pay")).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    [Fact]
    public async Task A_void_invoice_keeps_its_number_and_gives_its_credit_back()
    {
        api.Clock.Now = BillingApi.Start;
        var tenant = await api.CreateTenantAsync("starter", price: 0);
        await api.Platform.ExecuteAsync(
            "INSERT INTO billing_credits (id, tenant_id, currency, amount_cents, reason, created_at) VALUES (@Id, @Id, 'USD', 1000, 'gift', UTC_TIMESTAMP(6))", new { tenant.Id });
        await tenant.ChangePlanAsync("pro");
        var invoice = Assert.Single(await tenant.InvoicesAsync())!;
        Assert.Equal((3900, 0), ((int)invoice["total_cents"]!, (int)(await tenant.SubscriptionAsync())["credit_cents"]!));

        for (var i = 0; i < 2; i++)
        {
            var voided = (await api.Operator.PostAsync($"/v1/admin/invoices/{invoice["id"]}/void")).ShouldBe(200).Data["invoice"]!;
            Assert.Equal(("void", (string?)invoice["number"]), ((string)voided["status"]!, (string?)voided["number"]));
        }

        Assert.Equal(1000, (int)(await tenant.SubscriptionAsync())["credit_cents"]!);
    }

    [Fact]
    public async Task Another_tenants_invoice_is_as_if_it_were_not_there()
    {
        var (tenant, other) = (await api.CreateTenantAsync("starter", price: 0), await api.CreateTenantAsync());
        await tenant.ChangePlanAsync("pro");
        var id = (string)Assert.Single(await tenant.InvoicesAsync())!["id"]!;

        Assert.Empty(await other.InvoicesAsync());
        foreach (var unknown in new[] { id, Guid.NewGuid().ToString(), "nonsense" })
        {
            (await other.Owner.GetAsync($"/v1/billing/invoices/{unknown}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
            (await other.Owner.GetAsync($"/v1/billing/invoices/{unknown}/html")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        }

        Assert.Contains(id, (await api.Operator.GetAsync($"/v1/admin/invoices?tenant_id={tenant.Id}&status=open")).ShouldBe(200).Data.AsArray().Select(one => (string?)one!["id"]));
        Assert.Empty((await api.Operator.GetAsync($"/v1/admin/invoices?tenant_id={tenant.Id}&status=paid")).ShouldBe(200).Data.AsArray());
    }

    [Fact]
    public async Task The_page_to_print_runs_nothing_and_shows_what_was_written_as_it_was_written()
    {
        var tenant = await api.CreateTenantAsync("starter", price: 0);
        (await tenant.Owner.PutAsync("/v1/billing/details", new { name = "<script>alert(1)</script> & \"Co\"", address = "<img src=x onerror=alert(1)>\nSecond line", country = "DE" })).ShouldBe(200);
        await tenant.ChangePlanAsync("pro");
        var path = $"/v1/billing/invoices/{Assert.Single(await tenant.InvoicesAsync())!["id"]}/html";

        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-ValidonX-Internal-Context", tenant.Sign("GET", path));
        using var response = await api.Apis[0].SendAsync(request, TestContext.Current.CancellationToken);
        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, "text/html"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Co&quot;", page, StringComparison.Ordinal);
        Assert.Contains("Total USD", page, StringComparison.Ordinal);
        Assert.Contains("INV-", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_details_and_taxes_are_told_all_at_once()
    {
        var tenant = await api.CreateTenantAsync();

        Assert.Equal(
            ["address", "country", "name"],
            (await tenant.Owner.PutAsync("/v1/billing/details", new { name = "", country = "Germany" })).ShouldBe(422, "VALIDATION.FAILED").Details.AsObject().Select(field => field.Key));
        Assert.Equal(
            ["basis_points", "country", "name"],
            (await api.Operator.PostAsync("/v1/admin/tax-rates", new { basis_points = 10_001, country = "de" })).ShouldBe(422, "VALIDATION.FAILED").Details.AsObject().Select(field => field.Key));
        (await tenant.Owner.GetAsync("/v1/billing/details")).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    private async Task<(long Count, long Least, long Most, long Distinct)> NumbersAsync() =>
        (await api.Platform.ScalarAsync<long>("SELECT COUNT(*) FROM invoices"),
         await api.Platform.ScalarAsync<long>("SELECT CAST(MIN(number) AS SIGNED) FROM invoices"),
         await api.Platform.ScalarAsync<long>("SELECT CAST(MAX(number) AS SIGNED) FROM invoices"),
         await api.Platform.ScalarAsync<long>("SELECT COUNT(DISTINCT number) FROM invoices"));
}
