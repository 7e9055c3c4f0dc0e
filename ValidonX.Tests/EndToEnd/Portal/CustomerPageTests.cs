using System.Net;
using Microsoft.Playwright;
using ValidonX.Tests.LicensingApi.Accounts;
using ValidonX.Tests.LicensingApi.Branding;
using ValidonX.Tests.LicensingApi.Customers;
using ValidonX.Tests.LicensingApi.Domains;
using ValidonX.Tests.LicensingApi.Mail;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>White label: a tenant's customers at the tenant's host, and nobody else.</summary>
public sealed class CustomerPageTests(Browser browser) : IClassFixture<Browser>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_customer_sees_the_tenants_look_and_frees_a_device_by_the_key_and_a_mailed_code()
    {
        var page = await browser.OpenAsync();
        await page.CanBeScannedAsync();
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var mailbox = new Mailbox(path => stack.Operator.GetAsync(path), TestUser.NewAddress());
        // Yellow on white: nobody could read it.
        (await tenant.Owner.PutAsync(
            "/v1/tenant/branding",
            new { display_name = "Äcme & Söhne", primary_color = "#ffee00", accent_color = "#00aa88", background_color = "#fffff0", custom_css = "h1 { letter-spacing: 2px }" },
            ("If-Match", "*"))).ShouldBe(200);
        (await tenant.Owner.PutAsync("/v1/tenant/branding/logo", new ByteArrayContent(BrandingTests.Png(64, 32)))).ShouldBe(200);
        var license = await tenant.CreateLicenseAsync(new { customer = new { email = mailbox.Address } });
        (await tenant.App.ActivateAsync(license.Key, "old laptop")).ShouldBe(201);
        var faults = page.Complaints();
        await page.GotoAsync($"http://{tenant.Slug}.localhost:{stack.Portal.Port}/");
        await page.SeeAsync("Your license");
        await page.ReadAsync("Äcme & Söhne");
        Assert.Equal("Your license · Äcme & Söhne", await page.TitleAsync());
        Assert.Equal("2px", await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('h1')).letterSpacing"));
        Assert.Equal("rgb(255, 255, 240)", await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        Assert.Equal(64, await page.EvaluateAsync<int>("document.querySelector('img.logo').naturalWidth"));
        Assert.DoesNotContain("ValidonX", await page.Locator("body").InnerTextAsync(), StringComparison.Ordinal);
        faults.AddRange(await page.FaultsAsync());

        await page.GetByLabel("License key").FillAsync(license.Key);
        await page.PressAsync("Mail me a code");
        await page.ReadAsync("we have mailed a code to it");
        faults.AddRange(await page.FaultsAsync());
        await page.GetByLabel("Code").FillAsync("00000000");
        await page.PressAsync("Show my devices");
        await page.ReadAsync("was used already");
        faults.AddRange(await page.FaultsAsync());
        await page.GetByLabel("Code").FillAsync(CustomerTests.CodeOf(Assert.Single(await mailbox.MailsAsync())));
        await page.PressAsync("Show my devices");
        await page.ReadAsync("old laptop");
        faults.AddRange(await page.FaultsAsync());
        await page.PictureAsync("portal-customer");
        await page.PressTwiceAsync("Free this device", "Free it");
        await page.ReadAsync("The device is freed.");
        await page.ReadAsync("No device uses the license.");
        faults.AddRange(await page.FaultsAsync());
        Assert.Equal(0, (int)(await tenant.Owner.GetAsync($"/v1/tenant/licenses/{license.Id}")).ShouldBe(200).Data["license"]!["activations_count"]!);

        await page.PressAsync("Leave");
        await page.SeeAsync("Your license");
        await page.GotoAsync($"http://{tenant.Slug}.localhost:{stack.Portal.Port}/my-license/devices");
        await page.SeeAsync("Your license");
        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/sign-up")]
    [InlineData("/dashboard")]
    [InlineData("/operations")]
    [InlineData("/nothing-here")]
    [InlineData("/problem")]
    [InlineData("/download/licenses.csv")]
    [InlineData("/my-license/other")]
    public async Task At_a_tenants_host_there_is_nothing_but_its_customers_pages(string path)
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        using var visitor = await Visitor.OpenAsync($"{tenant.Slug}.localhost");
        var answer = await visitor.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.DoesNotContain("Password", text, StringComparison.Ordinal);
        Assert.Contains("vx-branded", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_other_hosts_there_are_no_customers_pages()
    {
        using var own = await Visitor.OpenAsync();
        foreach (var path in new[] { "/my-license", "/my-license/devices", "/my-license/look.css", "/My-License" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await own.GetAsync(path)).StatusCode);
        }

        using var nobody = await Visitor.OpenAsync($"{$"no-{Guid.NewGuid():N}"[..20]}.localhost");
        foreach (var path in new[] { "/", "/my-license", "/sign-in", "/dashboard" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync(path)).StatusCode);
        }
    }

    [Fact]
    public async Task Whoever_is_let_in_at_one_host_is_a_stranger_at_the_next_and_codes_cannot_be_guessed()
    {
        var stack = await Stack.GetAsync();
        var (tenant, other) = (await stack.CreateTenantAsync(), await stack.CreateTenantAsync());
        var mailbox = new Mailbox(path => stack.Operator.GetAsync(path), TestUser.NewAddress());
        var license = await tenant.CreateLicenseAsync(new { customer = new { email = mailbox.Address } });
        (await tenant.App.ActivateAsync(license.Key, "old laptop")).ShouldBe(201);
        using var visitor = await Visitor.OpenAsync($"{tenant.Slug}.localhost");
        async Task<HttpResponseMessage> EnterAsync(string code) =>
            await visitor.PostAsync("/my-license", "/my-license", [("_handler", "enter"), ("LicenseKey", license.Key), ("Code", code)]);
        async Task<string> CodeAsync()
        {
            await visitor.PostAsync("/my-license", "/my-license", [("_handler", "ask"), ("LicenseKey", license.Key)]);
            return CustomerTests.CodeOf((await mailbox.MailsAsync())[0]);
        }

        // The form of another site does nothing.
        Assert.Equal(HttpStatusCode.BadRequest, (await visitor.SendAsync("/my-license", [("_handler", "ask"), ("LicenseKey", license.Key)])).StatusCode);
        Assert.Empty(await mailbox.MailsAsync());
        var code = await CodeAsync();
        for (var guess = 0; guess < 5; guess++)
        {
            Assert.Equal(HttpStatusCode.OK, (await EnterAsync(code[0] == '9' ? $"0{code[1..]}" : $"9{code[1..]}")).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, (await EnterAsync(code)).StatusCode);
        Assert.DoesNotContain("old laptop", await (await visitor.GetAsync("/my-license/devices")).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        var entered = await EnterAsync(await CodeAsync());
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        var cookie = Assert.Single(entered.Headers.GetValues("Set-Cookie"), one => one.StartsWith("validonx-customer=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("domain=", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("old laptop", await visitor.TextAsync("/my-license/devices"), StringComparison.Ordinal);

        // The same cookie, carried to another tenant's host and to the portal's own.
        visitor.Host = $"{other.Slug}.localhost";
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.GetAsync("/my-license/devices")).StatusCode);
        visitor.Host = null;
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.GetAsync("/licenses")).StatusCode);
    }

    [Fact]
    public async Task Who_frees_a_device_twice_is_answered_twice_alike()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var mailbox = new Mailbox(path => stack.Operator.GetAsync(path), TestUser.NewAddress());
        var license = await tenant.CreateLicenseAsync(new { customer = new { email = mailbox.Address } });
        var laptop = (string)(await tenant.App.ActivateAsync(license.Key, "old laptop")).ShouldBe(201).Data["activation"]!["id"]!;
        (await tenant.App.ActivateAsync(license.Key, "new laptop")).ShouldBe(201);
        using var visitor = await Visitor.OpenAsync($"{tenant.Slug}.localhost");
        await visitor.FillAsync("/my-license", "ask", ("LicenseKey", license.Key));
        Assert.Equal("/my-license/devices", await visitor.FillAsync("/my-license", "enter", ("LicenseKey", license.Key), ("Code", CustomerTests.CodeOf((await mailbox.MailsAsync())[0]))));

        foreach (var _ in new[] { "once", "again" })
        {
            var freed = await visitor.FillAsync("/my-license/devices", "free", ("Device", laptop));
            Assert.Contains("The device is freed.", freed, StringComparison.Ordinal);
            Assert.DoesNotContain("old laptop", freed, StringComparison.Ordinal);
            Assert.Contains("new laptop", freed, StringComparison.Ordinal);
        }

        Assert.Contains("ACTIVATION.NOT_FOUND", await visitor.FillAsync("/my-license/devices", "free", ("Device", Guid.NewGuid().ToString())), StringComparison.Ordinal);
        Assert.Contains("ACTIVATION.NOT_FOUND", await visitor.FillAsync("/my-license/devices", "free"), StringComparison.Ordinal);
        Assert.Equal(1, (int)(await tenant.Owner.GetAsync($"/v1/tenant/licenses/{license.Id}")).ShouldBe(200).Data["license"]!["activations_count"]!);
    }

    [Fact]
    public async Task A_vendor_proves_a_domain_and_its_customers_find_it_there()
    {
        var page = await browser.OpenAsync();
        await page.CanBeScannedAsync();
        var vendor = await Vendor.CreateAsync();
        var host = DomainTests.NewHost();
        await page.SignInAsync(vendor.Email, vendor.Password);
        await page.GotoAsync("/domains");
        await page.ReadAsync("None yet.");
        await Assertions.Expect(page.Locator("main a[href*='.localhost:']")).ToBeVisibleAsync();
        await page.GetByLabel("Host").FillAsync("localhost:80");
        await page.PressAsync("Add");
        await page.ReadAsync("Something is not right yet.");
        await page.GetByLabel("Host").FillAsync(host);
        await page.PressAsync("Add");
        await page.ReadAsync($"_validonx.{host}");
        var value = (await page.Locator("code[id^=value-]").TextContentAsync())!;
        Assert.Empty(await page.FaultsAsync());
        await page.PressAsync("Verify");
        await page.ReadAsync("There is no such record yet.");
        Stack.Dns.Set($"_validonx.{host}", value);
        await page.PressAsync("Verify");
        await page.ReadAsync($"{host} is yours.");

        using var visitor = await Visitor.OpenAsync(host);
        Assert.Contains("Your license", await visitor.TextAsync("/my-license"), StringComparison.Ordinal);
        await page.PressTwiceAsync("Remove", "Remove it");
        await page.ReadAsync("None yet.");
    }
}
