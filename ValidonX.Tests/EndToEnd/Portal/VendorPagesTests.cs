using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ValidonX.Tests.LicensingApi.Branding;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>What vendors set and start by forms.</summary>
public sealed partial class VendorPagesTests
{
    [Fact]
    public async Task A_policy_is_set_in_plain_fields_and_a_license_may_say_otherwise()
    {
        var vendor = await Portal.Vendor.CreateAsync();
        using var visitor = await Visitor.EnterAsync(vendor);
        var product = (string)(await vendor.Owner.PostAsync("/v1/tenant/products", new { code = "app", name = "App" })).ShouldBe(201).Data["product"]!["id"]!;
        var page = $"/products/{product}";

        var refused = await visitor.FillAsync(page, "policy", ("max_activations", "many"), ("churn.activations", "3"));
        Assert.Contains("id=\"field-max_activations-error\"", refused, StringComparison.Ordinal);
        Assert.Contains("id=\"field-churn-per_days-error\"", refused, StringComparison.Ordinal);
        Assert.Contains("value=\"many\"", refused, StringComparison.Ordinal);

        Assert.Contains(
            "The policy is saved.",
            await visitor.FillAsync(
                page,
                "policy",
                ("max_activations", "2"),
                ("grace_days", "7"),
                ("overage", "1.5x"),
                ("allowed_regions", "de, AT"),
                ("denied_regions", "none"),
                ("valid_from", "2026-01-02T03:04"),
                ("allowed_hours.from", "08:00"),
                ("allowed_hours.to", "18:00"),
                ("allowed_hours.time_zone", "Europe/Berlin"),
                ("allowed_hours.days", "mon,tue")),
            StringComparison.Ordinal);
        var policy = (await vendor.Owner.GetAsync($"/v1/tenant/products/{product}/policy")).ShouldBe(200).Data["policy"]!;
        Assert.Equal((2, 7, "1.5x"), ((int)policy["max_activations"]!, (int)policy["grace_days"]!, (string)policy["overage"]!));
        Assert.Equal(("""["DE","AT"]""", "[]", """["mon","tue"]"""), (policy["allowed_regions"]!.ToJsonString(), policy["denied_regions"]!.ToJsonString(), policy["allowed_hours"]!["days"]!.ToJsonString()));
        Assert.StartsWith("2026-01-02T03:04:00", (string)policy["valid_from"]!, StringComparison.Ordinal);
        Assert.Null(policy["heartbeat_seconds"]);

        // Saved as it is shown, it stays as it is.
        var shown = await visitor.TextAsync(page);
        Assert.Contains("The policy is saved.", await visitor.FillAsync(page, "policy", [.. Fields(shown), ("overage", "1.5x")]), StringComparison.Ordinal);
        Assert.Equal(policy.ToJsonString(), (await vendor.Owner.GetAsync($"/v1/tenant/products/{product}/policy")).Data["policy"]!.ToJsonString());

        var license = (string)(await vendor.Owner.PostAsync("/v1/tenant/licenses", new { product_id = product })).ShouldBe(201).Data["license"]!["id"]!;
        Assert.Contains("placeholder=\"product: 2\"", await visitor.TextAsync($"/licenses/{license}/policy"), StringComparison.Ordinal);
        Assert.Contains("The policy is saved.", await visitor.FillAsync($"/licenses/{license}/policy", "policy", ("max_activations", "5")), StringComparison.Ordinal);
        var own = (await vendor.Owner.GetAsync($"/v1/tenant/licenses/{license}")).ShouldBe(200).Data["license"]!;
        Assert.Equal((5, 7), ((int)own["policy"]!["max_activations"]!, (int)own["policy"]!["grace_days"]!));
        Assert.Null(own["policy_overrides"]!["grace_days"]);
    }

    [Fact]
    public async Task Who_was_overtaken_on_a_policys_page_undoes_nothing()
    {
        var vendor = await Portal.Vendor.CreateAsync();
        using var visitor = await Visitor.EnterAsync(vendor);
        var product = (string)(await vendor.Owner.PostAsync("/v1/tenant/products", new { code = "app", name = "App" })).ShouldBe(201).Data["product"]!["id"]!;
        var license = (string)(await vendor.Owner.PostAsync("/v1/tenant/licenses", new { product_id = product })).ShouldBe(201).Data["license"]!["id"]!;
        foreach (var page in new[] { $"/products/{product}", $"/licenses/{license}/policy" })
        {
            var path = $"/v1/tenant{(page.EndsWith("/policy", StringComparison.Ordinal) ? page : $"{page}/policy")}";
            var version = Version().Match(await visitor.TextAsync(page)).Groups[1].Value;
            (await vendor.Owner.PutAsync(path, new { max_activations = 3 })).ShouldBe(200);

            var late = await visitor.FillAsync(page, "policy", ("Version", version), ("max_activations", "9"));
            Assert.Contains("REQUEST.PRECONDITION_FAILED", late, StringComparison.Ordinal);
            Assert.Contains(("max_activations", "9"), Fields(late));
            Assert.Equal(version, Version().Match(late).Groups[1].Value);
            Assert.Equal(3, (int)(await vendor.Owner.GetAsync(path)).ShouldBe(200).Data["policy"]!["max_activations"]!);

            var saved = await visitor.FillAsync(page, "policy", ("Version", Version().Match(await visitor.TextAsync(page)).Groups[1].Value), ("max_activations", "9"));
            Assert.Contains("The policy is saved.", saved, StringComparison.Ordinal);
            Assert.Contains("The policy is saved.", await visitor.FillAsync(page, "policy", ("Version", Version().Match(saved).Groups[1].Value), ("max_activations", "10")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_logo_is_chosen_seen_and_removed_and_is_an_image_wherever_it_is_shown()
    {
        const string Page = "/branding";
        var vendor = await Portal.Vendor.CreateAsync();
        using var visitor = await Visitor.EnterAsync(vendor);
        Assert.Equal(HttpStatusCode.NotFound, (await visitor.GetAsync("/branding/logo")).StatusCode);
        foreach (var bad in new[] { Encoding.UTF8.GetBytes("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"), new byte[(256 * 1024) + 1], [] })
        {
            Assert.Contains("id=\"field-Logo-error\"", await visitor.UploadAsync(Page, "logo", "Logo", "logo.png", bad), StringComparison.Ordinal);
        }

        var png = BrandingTests.Png(64, 32);
        var used = await visitor.UploadAsync(Page, "logo", "Logo", "logo.svg", png);
        Assert.Contains("The logo is in use.", used, StringComparison.Ordinal);
        Assert.Contains("64 × 32 pixels", used, StringComparison.Ordinal);
        using var shown = await visitor.GetAsync($"/{Logo().Match(used).Groups[1].Value}");
        Assert.Equal(png, await shown.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal("image/png", shown.Content.Headers.ContentType!.ToString());
        Assert.Equal("nosniff", shown.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("default-src 'none'; sandbox", shown.Headers.GetValues("Content-Security-Policy").Single());
        using var customer = await Visitor.OpenAsync($"{vendor.Slug}.localhost");
        Assert.Contains("src=\"my-license/logo\"", await customer.TextAsync("/my-license"), StringComparison.Ordinal);

        // What is saved beside it, with the version that came with it, leaves it alone.
        var saved = await visitor.FillAsync(Page, "branding", ("Version", Version().Match(used).Groups[1].Value), ("DisplayName", "Acme"), ("PrimaryColor", "#000000"), ("AccentColor", "#ffffff"), ("BackgroundColor", "#ffffff"));
        Assert.Contains("It is saved.", saved, StringComparison.Ordinal);
        Assert.Equal(Logo().Match(used).Value, Logo().Match(saved).Value);

        using var stranger = await Visitor.EnterAsync(await Portal.Vendor.CreateAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync("/branding/logo")).StatusCode);
        using var nobody = await Visitor.OpenAsync();
        Assert.Equal(HttpStatusCode.Redirect, (await nobody.GetAsync("/branding/logo")).StatusCode);
        var removed = await visitor.FillAsync(Page, "remove-logo", ("once", Guid.NewGuid().ToString()));
        Assert.Contains("The logo is removed.", removed, StringComparison.Ordinal);
        Assert.DoesNotMatch(Logo(), removed);
        Assert.Equal(HttpStatusCode.NotFound, (await visitor.GetAsync("/branding/logo")).StatusCode);
    }

    [Fact]
    public async Task Many_licenses_are_counted_before_they_are_suspended_and_watched_while_they_are()
    {
        var vendor = await Portal.Vendor.CreateAsync();
        using var visitor = await Visitor.EnterAsync(vendor);
        foreach (var customer in new[] { "Wayne", "Wayne", "Stark" })
        {
            (await vendor.Owner.PostAsync("/v1/tenant/licenses", new { customer = new { name = customer } })).ShouldBe(201);
        }

        Assert.Contains("Choose at least one of", await visitor.FillAsync("/licenses/bulk", "preview", ("Act", "suspend")), StringComparison.Ordinal);
        Assert.Contains("Suspend 2 licenses?", await visitor.FillAsync("/licenses/bulk", "preview", ("Act", "suspend"), ("Search", "Wayne")), StringComparison.Ordinal);
        Assert.Empty((await vendor.Owner.GetAsync("/v1/tenant/licenses?status=suspended")).ShouldBe(200).Data.AsArray());

        (string, string)[] sure = [("Act", "suspend"), ("Search", "Wayne"), ("Matched", "2"), ("Once", Guid.NewGuid().ToString())];
        var job = await visitor.FillAsync("/licenses/bulk", "change", sure);
        Assert.StartsWith("/licenses/bulk/", job, StringComparison.Ordinal);
        Assert.Equal(job, await visitor.FillAsync("/licenses/bulk", "change", sure));
        await Until.TrueAsync(async () => (await visitor.TextAsync(job)).Contains(">succeeded<", StringComparison.Ordinal), "the page says that they are suspended");
        Assert.Equal(2, (await vendor.Owner.GetAsync("/v1/tenant/licenses?status=suspended")).ShouldBe(200).Data.AsArray().Count);
    }

    [Fact]
    public async Task A_webhook_is_turned_off_and_on_gets_another_secret_and_tells_what_it_has_sent()
    {
        var vendor = await Portal.Vendor.CreateAsync();
        using var visitor = await Visitor.EnterAsync(vendor);
        var made = (await vendor.Owner.PostAsync("/v1/tenant/webhooks", new { url = "https://receiver.example/hook", events = new[] { "*" } })).ShouldBe(201).Data;
        var page = $"/webhooks/{made["id"]}";

        Assert.Contains("It is turned off.", await visitor.FillAsync(page, "disable"), StringComparison.Ordinal);
        Assert.Contains("somebody turned it off", await visitor.TextAsync(page), StringComparison.Ordinal);
        Assert.Contains("It is called again.", await visitor.FillAsync(page, "enable"), StringComparison.Ordinal);
        var secret = Secret().Match(await visitor.FillAsync(page, "rotate")).Groups[1].Value;
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        Assert.NotEqual((string?)made["secret"], secret);
        Assert.DoesNotContain(secret, await visitor.TextAsync(page), StringComparison.Ordinal);

        Assert.Contains("It is on its way.", await visitor.FillAsync(page, "test"), StringComparison.Ordinal);
        var delivery = Delivery().Match(await visitor.TextAsync(page)).Value;
        var told = await visitor.TextAsync($"/{delivery}");
        Assert.Contains("webhook-id: ", told, StringComparison.Ordinal);
        Assert.Contains("POST", told, StringComparison.Ordinal);

        Assert.Contains("events are sent again.", await visitor.FillAsync(page, "replay", ("From", DateTime.UtcNow.AddDays(-1).ToString("yyyy-MM-ddTHH:mm", System.Globalization.CultureInfo.InvariantCulture))), StringComparison.Ordinal);
        Assert.Contains("VALIDATION.FAILED", await visitor.FillAsync(page, "replay", ("From", "yesterday")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stands_on_invoices_is_entered_and_an_invoice_is_a_page_to_print_with_its_own_policy()
    {
        var vendor = await Portal.Vendor.CreateAsync();
        using var visitor = await Visitor.EnterAsync(vendor);
        Assert.Contains("id=\"field-Country-error\"", await visitor.FillAsync("/billing/details", "details", ("Name", "Acme GmbH"), ("Address", "Hauptstr. 1\r\n10115 Berlin"), ("Country", "Germany")), StringComparison.Ordinal);
        Assert.Contains("It is saved.", await visitor.FillAsync("/billing/details", "details", ("Name", "Acme GmbH"), ("Address", "Hauptstr. 1\r\n10115 Berlin"), ("Country", "de")), StringComparison.Ordinal);
        Assert.Equal("Hauptstr. 1\n10115 Berlin", (string?)(await vendor.Owner.GetAsync("/v1/billing/details")).ShouldBe(200).Data["address"]);

        var link = "";
        await Until.TrueAsync(async () => (link = Invoice().Match(await visitor.TextAsync("/billing")).Value).Length > 0, "the first invoice is there");
        using var printed = await visitor.GetAsync($"/{link}");
        Assert.Contains("style-src 'sha256-", printed.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("<h1>Invoice ", await printed.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        using var operators = await Visitor.OperateAsync();
        var list = $"/operations/invoices?tenant={vendor.TenantId}";
        Assert.Equal(200, (int)(await operators.GetAsync($"/operations/{link["billing/".Length..]}")).StatusCode);
        Assert.Contains("is paid.", await operators.FillAsync(list, $"pay-{link["billing/invoices/".Length..]}", ("Note", "transfer of today")), StringComparison.Ordinal);
        Assert.Contains(">paid<", await visitor.TextAsync("/billing"), StringComparison.Ordinal);
        using var stranger = await Visitor.EnterAsync(await Portal.Vendor.CreateAsync());
        Assert.Equal(404, (int)(await stranger.GetAsync($"/{link}")).StatusCode);
    }

    /// <summary>What stands in the fields of a page.</summary>
    private static IEnumerable<(string Name, string Value)> Fields(string page) => Field().Matches(page).Select(field => (field.Groups[1].Value, field.Groups[2].Value));

    [GeneratedRegex("<input class=\"mud-input-slot[^>]* name=\"([^\"]*)\"[^>]* value=\"([^\"]*)\"")]
    private static partial Regex Field();

    [GeneratedRegex("name=\"Version\" value=\"([^>]*)\" ?/?>")]
    private static partial Regex Version();

    [GeneratedRegex("href=\"(branding/logo[^\"]*)\"")]
    private static partial Regex Logo();

    [GeneratedRegex("<code id=\"secret\">([^<]*)<")]
    private static partial Regex Secret();

    [GeneratedRegex("webhooks/[0-9a-f-]{36}/deliveries/[0-9a-f-]{36}")]
    private static partial Regex Delivery();

    [GeneratedRegex("billing/invoices/[0-9a-f-]{36}")]
    private static partial Regex Invoice();
}
