using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.LicensingApi.Accounts;
using ValidonX.Tests.LicensingApi.Branding;
using ValidonX.Tests.LicensingApi.Mail;

namespace ValidonX.Tests.LicensingApi.Customers;

/// <summary>What a tenant's customer can see and do with nothing but a license key and a mailed code.</summary>
[Collection(LicensingCollection.Name)]
public sealed partial class CustomerTests(LicensingPlatform platform)
{
    private const string Codes = "/v1/customer/codes";
    private const string Sessions = "/v1/customer/sessions";
    private const string License = "/v1/customer/license";
    private const string TokenHeader = "X-Customer-Token";

    [Fact]
    public async Task Who_reads_the_licenses_mail_sees_its_devices_and_frees_one_at_every_replica()
    {
        var tenant = await platform.CreateTenantAsync();
        (await tenant.Owner.SendAsync(HttpMethod.Put, "/v1/tenant/branding", new { display_name = "Äcme <Tools>" }, ("If-Match", "*"))).ShouldBe(200);
        var product = (string)(await tenant.Owner.PostAsync("/v1/tenant/products", new { code = "studio", name = "Studio" })).ShouldBe(201).Data["product"]!["id"]!;
        var address = TestUser.NewAddress();
        var license = await tenant.CreateLicenseAsync(new
        {
            product_id = product,
            customer = new { name = "Jo", email = address },
            metadata = new { order = "SECRET-ORDER" },
            entitlements = new Dictionary<string, object> { ["activations.max"] = 3 },
        });
        var laptop = (string)(await tenant.App.ActivateAsync(license.Key, "laptop")).ShouldBe(201).Data["activation"]!["id"]!;
        (await tenant.App.ActivateAsync(license.Key, "tower")).ShouldBe(201);

        Assert.Equal("""{"status":"code_sent"}""", (await tenant.Customer.PostAsync(Codes, new { license_key = license.Key })).ShouldBe(202).Data.ToJsonString());
        var mail = Assert.Single(await new Mailbox(platform.Operator(), address).MailsAsync());
        Assert.Contains("Äcme <Tools>", (string)mail["text"]!, StringComparison.Ordinal);
        Assert.Contains("&lt;Tools&gt;", (string)mail["html"]!, StringComparison.Ordinal);
        Assert.DoesNotContain(license.Key, mail.ToJsonString(), StringComparison.Ordinal);
        var token = await OpenAsync(tenant, license.Key, await CodeAsync(platform, address));

        var shown = await ShowAsync(tenant, token);
        Assert.Equal(("Studio", "active", 2, 3), ((string)shown["product"]!, (string)shown["status"]!, (int)shown["seats"]!["taken"]!, (int)shown["seats"]!["total"]!));
        Assert.Equal(["tower", "laptop"], shown["devices"]!.AsArray().Select(device => (string)device!["name"]!));
        Assert.DoesNotContain("SECRET-ORDER", shown.ToJsonString(), StringComparison.Ordinal);

        // Known everywhere as it was, and known everywhere as it is when the call has returned.
        foreach (var app in tenant.Apps)
        {
            Assert.True((bool)(await app.PostAsync($"/v1/integration/activations/{laptop}/validate")).ShouldBe(200).Data["valid"]!);
        }

        foreach (var _ in new[] { "once", "again" })
        {
            Assert.True((bool)(await tenant.Customer.SendAsync(HttpMethod.Delete, $"/v1/customer/activations/{laptop}", null, (TokenHeader, token))).ShouldBe(200).Data["freed"]!);
        }

        foreach (var app in tenant.Apps)
        {
            Assert.Equal("released", (string)(await app.PostAsync($"/v1/integration/activations/{laptop}/validate")).ShouldBe(200).Data["reason"]!);
        }

        Assert.Equal(["tower"], (await ShowAsync(tenant, token))["devices"]!.AsArray().Select(device => (string)device!["name"]!));
        var freed = Assert.Single(await EventsAsync(tenant, "activation.revoked"));
        Assert.Equal(("customer", license.Id.ToString(), laptop), freed);
        (await tenant.Customer.SendAsync(HttpMethod.Delete, Sessions, null, (TokenHeader, token))).ShouldBe(204);
        (await tenant.Customer.SendAsync(HttpMethod.Get, License, null, (TokenHeader, token))).ShouldBe(401, "AUTH.UNAUTHENTICATED");
    }

    [Fact]
    public async Task A_session_is_good_for_one_license_of_one_tenant()
    {
        var (tenant, other) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var address = TestUser.NewAddress();
        var license = await tenant.CreateLicenseAsync(new { customer = new { email = address } });
        var sibling = await tenant.CreateLicenseAsync(new { customer = new { email = address } });
        var device = (string)(await tenant.App.ActivateAsync(sibling.Key, "laptop")).ShouldBe(201).Data["activation"]!["id"]!;
        (await tenant.Customer.PostAsync(Codes, new { license_key = license.Key })).ShouldBe(202);
        var code = await CodeAsync(platform, address);
        (await tenant.Customer.PostAsync(Sessions, new { license_key = sibling.Key, code })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await other.Customer.PostAsync(Sessions, new { license_key = license.Key, code })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        var token = await OpenAsync(tenant, license.Key, code);

        Assert.Equal(license.Key, (string)(await ShowAsync(tenant, token))["key"]!);
        (await tenant.Customer.SendAsync(HttpMethod.Delete, $"/v1/customer/activations/{device}", null, (TokenHeader, token))).ShouldBe(404, "ACTIVATION.NOT_FOUND");
        (await other.Customer.SendAsync(HttpMethod.Get, License, null, (TokenHeader, token))).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        foreach (var bad in new[] { "", "nonsense", token[..^1] + (token[^1] == 'A' ? 'B' : 'A'), $"{Guid.NewGuid()}|{token[37..]}" })
        {
            (await tenant.Customer.SendAsync(HttpMethod.Get, License, null, (TokenHeader, bad))).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        }

        // Somebody else's license from now on: who holds it before sees no more of it.
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{license.Id}/transfer", new { customer = new { email = TestUser.NewAddress() } })).ShouldBe(200);
        (await tenant.Customer.SendAsync(HttpMethod.Get, License, null, (TokenHeader, token))).ShouldBe(401, "AUTH.UNAUTHENTICATED");
    }

    [Fact]
    public async Task A_code_is_good_once_and_cannot_be_guessed()
    {
        var tenant = await platform.CreateTenantAsync();
        var address = TestUser.NewAddress();
        var license = await tenant.CreateLicenseAsync(new { customer = new { email = address } });
        (await tenant.Customer.PostAsync(Codes, new { license_key = license.Key })).ShouldBe(202);
        var code = await CodeAsync(platform, address);

        // Many at once who know it: one is in.
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => tenant.Customer.PostAsync(Sessions, new { license_key = license.Key, code })));
        Assert.Equal([201, 403, 403, 403], answers.Select(answer => answer.Status).Order());

        (await tenant.Customer.PostAsync(Codes, new { license_key = license.Key })).ShouldBe(202);
        code = await CodeAsync(platform, address);
        var wrong = code[0] == '9' ? $"0{code[1..]}" : $"9{code[1..]}";
        await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ => (await tenant.Customer.PostAsync(Sessions, new { license_key = license.Key, code = wrong })).ShouldBe(403, "AUTH.VERIFICATION_FAILED")));
        (await tenant.Customer.PostAsync(Sessions, new { license_key = license.Key, code })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        Assert.Null(await tenant.ScalarAsync<string?>("SELECT MAX(HEX(code_hash)) FROM customer_codes WHERE code_hash = UNHEX(SHA2(@code, 256))", new { code }));
    }

    [Fact]
    public async Task Codes_and_sessions_end_by_the_clock()
    {
        var clock = new MovableClock(DateTimeOffset.UtcNow);
        await using var api = await platform.StartReplicaAsync(clock);
        var tenant = await platform.CreateTenantAsync();
        var address = TestUser.NewAddress();
        var license = await tenant.CreateLicenseAsync(new { customer = new { email = address } });
        (await Again().PostAsync(Codes, new { license_key = license.Key })).ShouldBe(202);
        var late = await CodeAsync(platform, address);
        clock.Now += TimeSpan.FromMinutes(10);
        (await Again().PostAsync(Sessions, new { license_key = license.Key, code = late })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");

        (await Again().PostAsync(Codes, new { license_key = license.Key })).ShouldBe(202);
        var token = (string)(await Again().PostAsync(Sessions, new { license_key = license.Key, code = await CodeAsync(platform, address) })).ShouldBe(201).Data["token"]!;
        clock.Now += TimeSpan.FromMinutes(29);
        (await Again().SendAsync(HttpMethod.Get, License, null, (TokenHeader, token))).ShouldBe(200);
        clock.Now += TimeSpan.FromMinutes(1);
        (await Again().SendAsync(HttpMethod.Get, License, null, (TokenHeader, token))).ShouldBe(401, "AUTH.UNAUTHENTICATED");

        // What the gateway signs lives for a minute, by this clock.
        ApiCaller Again() => tenant.CustomerAt(api.Client, clock.Now);
    }

    [Fact]
    public async Task Who_asks_for_a_code_learns_nothing_and_nobody_else_gets_a_mail()
    {
        var tenant = await platform.CreateTenantAsync();
        var without = await tenant.CreateLicenseAsync();
        var odd = await tenant.CreateLicenseAsync(new { customer = new { email = "jö@example.com" } });
        var address = TestUser.NewAddress();
        var license = await tenant.CreateLicenseAsync(new { customer = new { email = address } });
        var known = (await tenant.Customer.PostAsync(Codes, new { license_key = license.Key })).ShouldBe(202);
        foreach (var key in new[] { without.Key, odd.Key, license.Key.ToLowerInvariant(), "NOBODY-HAS-THIS-KEY" })
        {
            var unknown = (await tenant.Customer.PostAsync(Codes, new { license_key = key })).ShouldBe(202);
            Assert.Equal(known.Data.ToJsonString(), unknown.Data.ToJsonString());
        }

        // For all of them the same rows were written; of these the one mail is real.
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM outbox_mails WHERE recipient LIKE '%@customer.invalid' AND status <> 'void'"));
        Assert.True(await platform.ScalarAsync<long>("SELECT COUNT(*) FROM outbox_mails WHERE recipient LIKE '%@customer.invalid'") >= 4);
        Assert.Single(await new Mailbox(platform.Operator(), address).MailsAsync());
    }

    [Fact]
    public async Task A_mailbox_gets_five_mails_an_hour_and_the_last_code_stays_good()
    {
        var tenant = await platform.CreateTenantAsync();
        var address = TestUser.NewAddress();
        var license = await tenant.CreateLicenseAsync(new { customer = new { email = address } });

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => tenant.Customer.PostAsync(Codes, new { license_key = license.Key })));

        Assert.All(answers, answer => answer.ShouldBe(202));
        var mails = await new Mailbox(platform.Operator(), address).MailsAsync();
        Assert.Equal(5, mails.Count);
        // The mails of calls at the same time are written in any order: one of them is the newest code's.
        var codes = mails.Select(CodeOf).ToList();
        var tries = new List<Answer>();
        foreach (var code in codes)
        {
            tries.Add(await tenant.Customer.PostAsync(Sessions, new { license_key = license.Key, code }));
        }

        Assert.Single(tries, answer => answer.Status == 201);
    }

    [Fact]
    public async Task A_tenants_look_is_open_to_whoever_comes_by_its_host_and_to_nobody_else()
    {
        var tenant = await platform.CreateTenantAsync();
        (await tenant.Customer.GetAsync("/v1/customer/logo")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await tenant.Owner.SendAsync(HttpMethod.Put, "/v1/tenant/branding", new { display_name = "Acme", custom_css = "h1 { color: #123456 }" }, ("If-Match", "*"))).ShouldBe(200);
        (await tenant.Owner.SendAsync(HttpMethod.Put, "/v1/tenant/branding/logo", new ByteArrayContent(BrandingTests.Png(32, 32)))).ShouldBe(200);

        var look = (await tenant.Customer.GetAsync("/v1/customer/branding")).ShouldBe(200);
        Assert.Equal("Acme", (string)look.Data["display_name"]!);
        Assert.StartsWith(".vx-branded h1 {", (string)look.Data["custom_css"]!, StringComparison.Ordinal);
        (await platform.Anonymous().GetAsync("/v1/customer/branding")).ShouldBe(404, "TENANT.NOT_FOUND");
        (await tenant.Owner.GetAsync("/v1/customer/branding")).ShouldBe(404, "TENANT.NOT_FOUND");
        (await tenant.Customer.GetAsync("/v1/tenant/branding")).ShouldBe(401, "AUTH.TOKEN.REQUIRED");
    }

    [Fact]
    public async Task A_device_that_reports_says_when_it_was_last_heard_of()
    {
        var tenant = await platform.CreateTenantAsync();
        var address = TestUser.NewAddress();
        var license = await tenant.CreateLicenseAsync(new { type = "floating", customer = new { email = address } });
        (await tenant.App.ActivateAsync(license.Key, "pod-1")).ShouldBe(201);
        (await tenant.Customer.PostAsync(Codes, new { license_key = license.Key })).ShouldBe(202);
        var token = await OpenAsync(tenant, license.Key, await CodeAsync(platform, address));

        var device = Assert.Single((await ShowAsync(tenant, token))["devices"]!.AsArray())!;

        Assert.InRange((DateTimeOffset)device["last_seen_at"]!, DateTimeOffset.UtcNow.AddMinutes(-2), DateTimeOffset.UtcNow.AddSeconds(1));
    }

    /// <summary>The code of the newest mail to an address.</summary>
    internal static async Task<string> CodeAsync(LicensingPlatform platform, string address) => CodeOf((await new Mailbox(platform.Operator(), address).MailsAsync())[0]);

    internal static string CodeOf(JsonNode mail) => Code().Match((string)mail["text"]!).Value;

    private static async Task<string> OpenAsync(LicensedTenant tenant, string key, string code) =>
        (string)(await tenant.Customer.PostAsync(Sessions, new { license_key = key, code })).ShouldBe(201).Data["token"]!;

    private static async Task<JsonNode> ShowAsync(LicensedTenant tenant, string token) =>
        (await tenant.Customer.SendAsync(HttpMethod.Get, License, null, (TokenHeader, token))).ShouldBe(200).Data;

    private static async Task<IReadOnlyList<(string Actor, string Id, string Subject)>> EventsAsync(LicensedTenant tenant, string action)
    {
        var row = await tenant.ScalarAsync<string?>(
            "SELECT GROUP_CONCAT(CONCAT_WS('|', actor_type, actor_id, subject_id) SEPARATOR ';') FROM outbox WHERE type = @action", new { action });
        return [.. (row ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('|')).Select(parts => (parts[0], parts[1], parts[2]))];
    }

    [GeneratedRegex("^[0-9]{8}$", RegexOptions.Multiline)]
    private static partial Regex Code();
}
