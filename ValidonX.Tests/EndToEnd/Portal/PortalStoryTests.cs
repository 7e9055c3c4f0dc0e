using Microsoft.Playwright;
using ValidonX.Tests.LicensingApi.Mail;
using ValidonX.Tests.Telemetry;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>The operator's and the vendor's stories in a browser, on the real stack.</summary>
public sealed class PortalStoryTests(Browser browser) : IClassFixture<Browser>
{
    private const string Password = "a password for one test";

    [Fact]
    public async Task A_vendor_signs_up_sees_its_database_made_takes_the_key_and_sells_the_first_license()
    {
        var page = await browser.OpenAsync();
        await page.CanBeScannedAsync();
        var stack = await Stack.GetAsync();
        var mailbox = new Mailbox(path => stack.Operator.GetAsync(path), $"vendor-{Guid.NewGuid():N}@tenant.example");

        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Link, new() { Name = "Create an account" }).ClickAsync();
        await page.SeeAsync("Create an account");
        await page.GetByLabel("Your name").FillAsync("Ada");
        await page.GetByLabel("E-mail").FillAsync(mailbox.Address);
        await page.GetByLabel("Password").FillAsync("short");
        await page.PressAsync("Create the account");
        await page.ReadAsync("Something is not right yet.");
        List<string> faults = [.. await page.FaultsAsync()];
        await page.GetByLabel("Password").FillAsync(Password);
        await page.PressAsync("Create the account");
        await page.ReadAsync("We have written to you.");
        faults.AddRange(await page.FaultsAsync());

        await page.GotoAsync($"/verify-email?token={await mailbox.TokenAsync()}");
        await page.PressAsync("Confirm");
        await page.SeeAsync("Choose a plan");
        await page.GetByLabel("Pro").CheckAsync();
        var company = $"Acme {Guid.NewGuid():N}"[..20];
        await page.GetByLabel("Company").FillAsync(company);
        await page.PressAsync("Start");

        // The stages come and go by themselves, until the key can be shown.
        await page.SeeAsync(company);
        await page.PressAsync("Show the key");
        var key = SecretScan.Noted((await page.Locator("#secret").TextContentAsync())!);
        faults.AddRange(await page.FaultsAsync());
        await page.PressAsync("To the dashboard");
        await page.SeeAsync("Dashboard");

        await page.GotoAsync("/licenses/new");
        await page.GetByLabel("Customer", new() { Exact = true }).FillAsync("<b>Grace</b> & 'Co'");
        await page.PressAsync("Make the license");
        await page.SeeAsync("License");
        await page.ReadAsync("<b>Grace</b> & 'Co'");
        var license = SecretScan.Noted((await page.Locator("dd.mono").First.TextContentAsync())!);
        var app = new Caller(stack.Gateways[0], null, key);
        (await app.ValidateAsync(license)).ShouldBe(200);

        // The app activates; the vendor sees the device, frees it, and takes the license back.
        (await app.PostAsync("/v1/integration/activations", new { license_key = license, instance_id = "workstation-7" })).ShouldBe(201);
        await page.ReloadAsync();
        await page.ReadAsync("workstation-7");
        await page.PictureAsync("portal-license");
        await page.PressTwiceAsync("Free", "Free the device");
        await page.ReadAsync("The device is freed.");
        faults.AddRange(await page.FaultsAsync());
        await page.PressTwiceAsync("Suspend", "Suspend it");
        await page.ReadAsync("It is suspended.");
        await page.PressAsync("Reinstate");
        await page.ReadAsync("It is good again.");
        await page.PressTwiceAsync("Revoke", "Revoke it");
        await page.ReadAsync("It is revoked.");
        Assert.NotEqual(200, (await app.ValidateAsync(license)).Status);

        await page.GotoAsync("/audit");
        await page.ReadAsync("license.revoked");
        await page.PressAsync("Check the chain");
        await page.ReadAsync("The chain is whole.");
        faults.AddRange(await page.FaultsAsync());
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        await page.PressAsync("Sign out");
        await page.SeeAsync("Sign in");
        await page.GotoAsync("/licenses");
        await page.SeeAsync("Sign in");
    }

    [Fact]
    public async Task An_operator_makes_a_tenant_looks_at_it_suspends_it_and_finds_that_in_the_audit_log()
    {
        var page = await browser.OpenAsync();
        await page.CanBeScannedAsync();
        var name = $"Initech {Guid.NewGuid():N}"[..20];
        await page.OperateAsync();
        await page.SeeAsync("Overview");

        await page.GotoAsync("/operations/tenants/new");
        await page.GetByLabel("Company").FillAsync(name);
        await page.GetByLabel("E-mail of the owner").FillAsync($"owner-{Guid.NewGuid():N}@tenant.example");
        await page.PressAsync("Create");
        await page.SeeAsync(name);
        await Until.TrueAsync(
            async () =>
            {
                await page.ReloadAsync();
                return await page.Locator("dd .badge", new() { HasText = "active" }).CountAsync() == 1;
            },
            "the tenant's page says that it is active");

        await page.GotoAsync($"/operations/tenants?search={Uri.EscapeDataString(name)}");
        await page.GetByRole(AriaRole.Link, new() { Name = name }).ClickAsync();
        await page.SeeAsync(name);
        await page.PictureAsync("portal-tenant");
        await page.PressTwiceAsync("Suspend", "Suspend it");
        await page.ReadAsync("It is suspended.");
        Assert.Empty(await page.FaultsAsync());
        await page.PressAsync("Reactivate");
        await page.ReadAsync("It is active again.");
        await page.GetByRole(AriaRole.Link, new() { Name = "All of it" }).ClickAsync();
        await page.SeeAsync("Audit log");
        await page.ReadAsync("tenant.suspended");
        await page.GotoAsync("/operations");
        await page.ReadAsync("Busiest tenants");
        await page.PictureAsync("portal-overview");
    }

    [Fact]
    public async Task Somebody_makes_a_passkey_of_the_device_and_signs_in_by_it_alone()
    {
        var page = await browser.OpenAsync();
        await page.CanBeScannedAsync();
        var devtools = await page.Context.NewCDPSessionAsync(page);
        await devtools.SendAsync("WebAuthn.enable");
        await devtools.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object> { ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true },
        });
        var vendor = await Portal.Vendor.CreateAsync();
        await page.SignInAsync(vendor.Email, vendor.Password);
        await page.GotoAsync("/account/security");
        // What is only there for a moment has to be as good as what stays.
        await page.Locator("#two-factor").GetByLabel("Your password").FillAsync(vendor.Password);
        await page.PressAsync("Set it up");
        await page.ReadAsync("Scan this with an authenticator app");
        Assert.Empty(await page.FaultsAsync());
        await page.GotoAsync("/account/security");
        await page.Locator("#passkeys form").GetByLabel("Your password").FillAsync(vendor.Password);
        await page.PressAsync("Add a passkey");
        await page.ReadAsync("You have five minutes.");
        Assert.Empty(await page.FaultsAsync());
        await page.PressAsync("Make the passkey on this device");
        await page.ReadAsync("The passkey is made.");
        await page.ReadAsync("My device");
        await page.PressAsync("Sign out");

        await page.SeeAsync("Sign in");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await page.PressAsync("Use a passkey");
        await page.SeeAsync("Dashboard");
    }
}
