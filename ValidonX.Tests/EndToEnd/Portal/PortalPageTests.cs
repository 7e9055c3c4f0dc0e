using System.Globalization;
using Microsoft.Playwright;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>What holds of every page: anybody can use it, on any screen, and it is light.</summary>
public sealed class PortalPageTests(Browser browser) : IClassFixture<Browser>
{
    private static readonly string[] OperatorPages =
    [
        "/operations", "/operations/tenants", "/operations/tenants/new", "/operations/servers", "/operations/alerts", "/operations/jobs", "/operations/plans", "/operations/flags", "/operations/audit",
        "/operations/mails", "/operations/invoices", "/operations/operators", "/operations/account", "/operations/plans/pro/alerts",
    ];

    private static readonly string[] VendorPages =
    [
        "/dashboard", "/alerts", "/quickstart", "/products", "/licenses", "/licenses/new", "/imports", "/activations", "/usage", "/keys", "/webhooks", "/members", "/branding", "/domains", "/billing", "/audit", "/tokens",
        "/tenants", "/tenants/new", "/single-sign-on", "/licenses/bulk", "/billing/details", "/account", "/account/security", "/account/invitations",
    ];

    [Fact]
    public async Task No_scan_finds_a_fault_and_nothing_hangs_out_of_the_window_on_a_phone_or_desktop_light_or_dark()
    {
        var page = await browser.OpenAsync();
        await page.CanBeScannedAsync();
        await page.StandsStillAsync();
        var faults = page.Complaints();
        // Those that mails lead to are among them.
        foreach (var path in new[] { "/sign-in", "/login", "/sign-up", "/forgot-password", "/reset-password", "/reset-password/operator", "/accept-invitation", "/accept-invitation/operator", "/verify-email", "/confirm-email", "/sign-in/sso", "/sign-in/passkey", "/sso/callback" })
        {
            await LookAsync(path);
        }

        await page.OperateAsync();
        var vendor = await Vendor.CreateAsync();
        foreach (var path in OperatorPages.Concat(new[] { "", "/limits", "/people" }.Select(part => $"/operations/tenants/{vendor.TenantId}{part}")))
        {
            await LookAsync(path);
        }

        await page.Context.ClearCookiesAsync();
        await page.SignInAsync(vendor.Email, vendor.Password);
        foreach (var path in VendorPages.Concat(await PagesOfThingsAsync(vendor)))
        {
            await LookAsync(path);
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));

        async Task LookAsync(string path)
        {
            Assert.Equal(200, (await page.GotoAsync(path))!.Status);
            Assert.Equal(path, new Uri(page.Url).AbsolutePath);
            faults.AddRange(await page.FaultsAsync());
        }
    }

    /// <summary>The pages of a product, a license and a webhook that has been called.</summary>
    private static async Task<string[]> PagesOfThingsAsync(Vendor vendor)
    {
        var product = (await vendor.Owner.PostAsync("/v1/tenant/products", new { code = "app", name = "App" })).ShouldBe(201).Data["product"]!["id"]!;
        var license = (await vendor.Owner.PostAsync("/v1/tenant/licenses", new { product_id = (string)product! })).ShouldBe(201).Data["license"]!["id"]!;
        var webhook = (await vendor.Owner.PostAsync("/v1/tenant/webhooks", new { url = "https://receiver.example/hook", events = new[] { "*" } })).ShouldBe(201).Data["id"]!;
        var delivery = (await vendor.Owner.PostAsync($"/v1/tenant/webhooks/{webhook}/test")).ShouldBe(202).Data["id"]!;
        return [$"/products/{product}", $"/licenses/{license}", $"/licenses/{license}/policy", $"/webhooks/{webhook}", $"/webhooks/{webhook}/deliveries/{delivery}"];
    }

    [Fact]
    public async Task A_first_visit_costs_less_than_400_kilobytes_all_of_them_ours()
    {
        var page = await browser.OpenAsync();
        var (bytes, hosts) = (0, new HashSet<string>());
        page.RequestFinished += (_, request) => hosts.Add(new Uri(request.Url).Authority);
        await page.GotoAsync("/sign-in", new() { WaitUntil = WaitUntilState.NetworkIdle });

        bytes = await page.EvaluateAsync<int>("performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).reduce((sum, one) => sum + one.transferSize, 0)");
        Assert.InRange(bytes, 1, 400_000);
        Assert.Equal([(await Stack.GetAsync()).Portal.Authority], hosts);
    }

    [Fact]
    public async Task A_chart_tells_its_values_by_keyboard_and_as_a_table()
    {
        var page = await browser.OpenAsync();
        await page.OperateAsync();
        await page.GotoAsync("/operations?range=15m");
        var chart = page.Locator("[data-chart]").First;
        await chart.Locator("svg").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await Assertions.Expect(chart.Locator("output")).ToContainTextAsync("requests");
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.Equal("1", await chart.Locator("svg").GetAttributeAsync("data-place"));
        await chart.Locator("summary").ClickAsync();
        Assert.InRange(await chart.Locator("tbody tr").CountAsync(), 15, 17);
    }

    [Fact]
    public async Task A_chart_zooms_by_keyboard_by_pointer_and_without_a_script()
    {
        var page = await browser.OpenAsync();
        await page.StandsStillAsync();
        await page.OperateAsync();
        await page.GotoAsync("/operations?range=6h");
        var svg = page.Locator("[data-chart] svg").First;
        await svg.FocusAsync();
        foreach (var key in new[] { "Home", "ArrowRight", "Enter", "ArrowRight", "ArrowRight", "Enter" })
        {
            await page.Keyboard.PressAsync(key);
        }

        // Of ten minutes each: from the second point to where the fourth ends.
        Assert.Equal(TimeSpan.FromMinutes(30), await ZoomedAsync());

        await page.GotoAsync("/operations?range=24h");
        var box = (await svg.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width * 0.4f), box.Y + 40);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + (box.Width * 0.6f), box.Y + 40);
        await page.Mouse.UpAsync();
        Assert.InRange(await ZoomedAsync(), TimeSpan.FromHours(4), TimeSpan.FromHours(8));

        await page.Locator("nav[aria-label=Time] summary").ClickAsync();
        await page.GetByLabel("From (UTC)").FillAsync("2026-01-01T10:00");
        await page.GetByLabel("Until (UTC; empty: now)").FillAsync("2026-01-01T09:30");
        await page.PressAsync("Show");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("from");
        await page.GotoAsync("/operations?from=nonsense");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "1 hour" })).ToHaveAttributeAsync("aria-current", "true");

        async Task<TimeSpan> ZoomedAsync()
        {
            await Assertions.Expect(page.Locator("nav[aria-label=Time] summary[aria-current]")).ToBeVisibleAsync();
            var query = System.Web.HttpUtility.ParseQueryString(new Uri(page.Url).Query);
            return DateTimeOffset.Parse(query["to"]!, CultureInfo.InvariantCulture) - DateTimeOffset.Parse(query["from"]!, CultureInfo.InvariantCulture);
        }
    }

    [Fact]
    public async Task Whoever_waits_for_a_page_sees_that_it_is_on_its_way()
    {
        var page = await browser.OpenAsync();
        await page.StandsStillAsync();
        await page.OperateAsync();
        await page.SeeAsync("Overview");
        var loading = page.GetByRole(AriaRole.Progressbar, new() { Name = "Loading" });
        await Assertions.Expect(loading).ToBeHiddenAsync();
        var answer = new TaskCompletionSource();
        await page.RouteAsync("**/operations/jobs", async route =>
        {
            await answer.Task;
            await route.ContinueAsync();
        });
        await page.Locator(".side").GetByRole(AriaRole.Link, new() { Name = "Jobs" }).ClickAsync();
        await Assertions.Expect(loading).ToBeVisibleAsync();
        answer.SetResult();
        await page.SeeAsync("Jobs");
        await Assertions.Expect(loading).ToBeHiddenAsync();
    }
}
