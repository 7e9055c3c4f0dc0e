using Microsoft.Playwright;
using OtpNet;
using ValidonX.Tests.LicensingApi.Branding;
using ValidonX.Tests.Telemetry;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>What forms answer is as good to read and to use as the pages that they are on: errors at their fields, notices, what is shown once. Stories scan theirs on their way.</summary>
public sealed class PortalAnswerTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task No_scan_finds_a_fault_in_what_forms_answer()
    {
        var page = await browser.OpenAsync();
        await page.CanBeScannedAsync();
        await page.StandsStillAsync();
        var faults = page.Complaints();
        var vendor = await Vendor.CreateAsync();

        await page.GotoAsync("/sign-in");
        await page.GetByLabel("E-mail").FillAsync(vendor.Email);
        await page.GetByLabel("Password").FillAsync("not the password");
        await page.PressAsync("Sign in");
        await ScanAsync("AUTH.");

        await page.SignInAsync(vendor.Email, vendor.Password);
        await page.GotoAsync("/licenses/new");
        await page.GetByLabel("Key", new() { Exact = true }).FillAsync("a b");
        await page.GetByLabel("Devices").FillAsync("-1");
        await page.PressAsync("Make the license");
        await ScanAsync("Something is not right yet.");

        await page.GotoAsync("/keys");
        await page.GetByLabel("Name").FillAsync("First");
        await page.PressAsync("Make the key");
        await ScanAsync("The key First is made.");
        SecretScan.Noted((await page.Locator("#secret").TextContentAsync())!);

        var product = (string)(await vendor.Owner.PostAsync("/v1/tenant/products", new { code = "app", name = "App" })).ShouldBe(201).Data["product"]!["id"]!;
        await page.GotoAsync($"/products/{product}");
        await page.GetByLabel("Devices of a license").FillAsync("many");
        await page.PressAsync("Save the policy");
        await ScanAsync("Something is not right yet.");

        await page.GotoAsync("/webhooks");
        await page.GetByLabel("Address").FillAsync("https://receiver.example/hook");
        await page.PressAsync("Add");
        await ScanAsync("this is the secret its calls are signed with");
        SecretScan.Noted((await page.Locator("#secret").TextContentAsync())!);
        await page.GetByRole(AriaRole.Link, new() { Name = "https://receiver.example/hook" }).ClickAsync();
        await page.SeeAsync("Webhook");
        await page.PressAsync("Send a test");
        await ScanAsync("It is on its way.");

        await page.GotoAsync("/imports");
        await page.Locator("summary", new() { HasText = "The columns of a CSV" }).ClickAsync();
        await ScanAsync("policy.max_activations");
        await page.GetByLabel("File").SetInputFilesAsync(File("licenses.csv", "key,grace_days\nGOOD-01,7\na b,seven\n"u8));
        await page.PressAsync("Import");
        await ScanAsync("What was refused");

        await page.GotoAsync("/branding");
        await page.GetByLabel("Image").SetInputFilesAsync(File("logo.svg", "<svg/>"u8));
        await page.PressAsync("Use this logo");
        await ScanAsync("SVG is not taken.");
        await page.GetByLabel("Image").SetInputFilesAsync(File("logo.png", BrandingTests.Png(64, 32)));
        await page.PressAsync("Use this logo");
        await ScanAsync("The logo is in use.");

        await page.GotoAsync("/single-sign-on");
        await page.GetByLabel("Issuer").FillAsync("http://127.0.0.1:1/");
        await page.GetByLabel("Client id").FillAsync("validonx");
        await page.PressAsync("Save");
        await page.ReadAsync("It is saved.");
        await page.PressAsync("Check");
        await ScanAsync("A sign-in cannot work yet.");

        await page.GotoAsync("/account/security");
        await page.Locator("#two-factor").GetByLabel("Your password").FillAsync(vendor.Password);
        await page.PressAsync("Set it up");
        var secret = SecretScan.Noted((await page.Locator("#otp-secret").TextContentAsync())!);
        await page.GetByLabel("Code").FillAsync("000000");
        await page.PressAsync("Turn it on");
        await ScanAsync("AUTH.VERIFICATION_FAILED");
        await page.GetByLabel("Code").FillAsync(new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp());
        await page.PressAsync("Turn it on");
        await ScanAsync("Each of these recovery codes");

        await page.Context.ClearCookiesAsync();
        await page.OperateAsync();
        await page.GotoAsync($"/operations/tenants/{vendor.TenantId}/limits");
        await page.GetByLabel("Usage").FillAsync("none");
        await page.PressAsync("Save");
        await ScanAsync("Something is not right yet.");

        await page.GotoAsync("/operations/operators");
        await page.GetByLabel("Name", new() { Exact = true }).Last.FillAsync("Ada");
        await page.GetByLabel("E-mail").FillAsync($"operator-{Guid.NewGuid():N}@validonx.example");
        await page.PressAsync("Invite");
        await ScanAsync("They are invited");
        await page.GotoAsync("/operations/account");
        await page.GetByLabel("Password until now").FillAsync("not the password");
        await page.GetByLabel("New password").FillAsync("another password of a test");
        await page.PressAsync("Change the password");
        await ScanAsync("AUTH.VERIFICATION_FAILED");

        Assert.True(faults.Count == 0, string.Join('\n', faults));

        async Task ScanAsync(string answer)
        {
            await page.ReadAsync(answer);
            faults.AddRange(await page.FaultsAsync());
        }
    }

    private static FilePayload File(string name, ReadOnlySpan<byte> content) => new() { Name = name, MimeType = "application/octet-stream", Buffer = content.ToArray() };
}
