using System.Net;
using System.Net.Http.Headers;
using ValidonX.Tests.LicensingApi.Mail;
using ValidonX.Tests.LicensingApi.Onboarding;
using ValidonX.Tests.Telemetry;

namespace ValidonX.Tests.EndToEnd;

/// <summary>The story of docs/onboarding.md through the gateways: from somebody who has never been here to the first license that a customer's app finds valid.</summary>
public sealed class SignUpStoryTests
{
    private const string Password = "a password for one test";

    [Fact]
    public async Task A_vendor_registers_signs_up_watches_takes_the_key_and_its_app_validates_the_first_license()
    {
        var stack = await Stack.GetAsync();
        var anyone = new Caller(stack.Gateways[0], null, null);
        var mailbox = new Mailbox(path => stack.Operator.GetAsync(path), $"vendor-{Guid.NewGuid():N}@tenant.example");

        // Register, and follow the link in the mail.
        (await anyone.PostAsync("/v1/auth/register", new { name = "Ada", email = mailbox.Address, password = Password, company = "Acme" })).ShouldBe(202);
        var verified = (await anyone.PostAsync("/v1/auth/email/verify", new { token = await mailbox.TokenAsync() })).ShouldBe(200);
        var session = SecretScan.Noted((string)verified.Data["token"]!);
        var vendor = new Caller(stack.Gateways[0], session, null);

        // Choose a plan, and sign up.
        var plan = (await anyone.GetAsync("/v1/plans")).ShouldBe(200).Data.AsArray().First(one => (string?)one!["code"] == "starter")!;
        var name = $"Acme {Guid.NewGuid():N}"[..20];
        var signedUp = (await vendor.PostAsync("/v1/onboarding/provision", new { name, plan = (string)plan["code"]! })).ShouldBe(202);
        var id = (string)signedUp.Data["tenant"]!["id"]!;
        Assert.Equal($"/v1/onboarding/provision/{id}", signedUp.Headers.Location!.OriginalString);

        // Watch, lose the connection after three events, and go on at another gateway.
        var told = new List<(string Id, string Name, string Status)>();
        await using (var stream = await WatchAsync(stack.Gateways[0], session, id, null))
        {
            for (var i = 0; i < 3; i++)
            {
                told.Add(await stream.NextAsync());
            }
        }

        await using (var stream = await WatchAsync(stack.Gateways[1], session, id, told[^1].Id))
        {
            told.AddRange(await stream.ToEndAsync());
        }

        Assert.Equal(("run", "succeeded"), (told[^1].Name, told[^1].Status));
        Assert.Equal(Enumerable.Range(1, 12), told.Where(one => one is { Name: "stage", Status: "succeeded" }).Select(one => int.Parse(one.Id.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(told.Count, told.Select(one => one.Id).Distinct().Count());
        using (var over = await AskAsync(stack.Gateways[0], session, id, told[^1].Id))
        {
            Assert.Equal(HttpStatusCode.NoContent, over.StatusCode);
        }

        // Its owner has a mail, and the key is shown once.
        Assert.Equal("Your tenant is ready", (await mailbox.SubjectsAsync())[0]);
        var revealed = (await vendor.PostAsync($"/v1/onboarding/provision/{id}/api-key/reveal")).ShouldBe(200);
        (await vendor.PostAsync($"/v1/onboarding/provision/{id}/api-key/reveal")).ShouldBe(409, "RESOURCE.CONFLICT");
        SecretScan.Noted((string)revealed.Data["bearer_token"]!);

        // A product, a license, and the app.
        var product = (await vendor.PostAsync("/v1/tenant/products", new { code = "editor", name = "Editor" })).ShouldBe(201).Data["product"]!;
        var license = (await vendor.PostAsync("/v1/tenant/licenses", new { product_id = (string)product["id"]!, type = "perpetual" })).ShouldBe(201).Data["license"]!;
        foreach (var gateway in stack.Gateways)
        {
            var app = new Caller(gateway, null, SecretScan.Noted((string)revealed.Data["api_key"]!));
            var validity = (await app.ValidateAsync(SecretScan.Noted((string)license["key"]!))).ShouldBe(200);
            Assert.True((bool)validity.Data["valid"]!);
        }

        // All of it is on record, in the tenant's own log.
        var recorded = (await vendor.GetAsync("/v1/tenant/audit-logs?limit=100")).ShouldBe(200).Data.AsArray().Select(entry => (string)entry!["action"]!).ToHashSet();
        Assert.Superset(new HashSet<string> { "tenant.created", "TenantProvisioned", "api_key.revealed" }, recorded);
    }

    [Fact]
    public async Task A_member_is_invited_changed_and_let_go_on_every_gateway_when_the_call_returns()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var mailbox = new Mailbox(path => stack.Operator.GetAsync(path), $"member-{Guid.NewGuid():N}@tenant.example");
        var invited = (await tenant.Owner.PostAsync("/v1/tenant/members", new { email = mailbox.Address, role = "developer" })).ShouldBe(201);
        var joined = (await new Caller(stack.Gateways[0], null, null).PostAsync("/v1/auth/invitations/accept", new { token = await mailbox.TokenAsync(), name = "Grace", password = Password })).ShouldBe(200);
        var token = SecretScan.Noted((string)joined.Data["token"]!);
        var path = $"/v1/tenant/members/{invited.Data["member"]!["id"]}";
        var members = stack.Gateways.Select(gateway => new Caller(gateway, token, null)).ToList();
        foreach (var member in members)
        {
            (await member.PostAsync("/v1/tenant/licenses", new { })).ShouldBe(201);
            (await member.GetAsync("/v1/tenant/audit-logs")).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        }

        (await tenant.Owner.SendAsync(HttpMethod.Patch, path, new { role = "admin" })).ShouldBe(200);
        foreach (var member in members)
        {
            (await member.GetAsync("/v1/tenant/audit-logs")).ShouldBe(200);
        }

        (await tenant.Owner.SendAsync(HttpMethod.Patch, path, new { role = "viewer" })).ShouldBe(200);
        foreach (var member in members)
        {
            (await member.PostAsync("/v1/tenant/licenses", new { })).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        }

        (await tenant.Owner.DeleteAsync(path)).ShouldBe(200);
        foreach (var member in members)
        {
            (await member.GetAsync("/v1/tenant/licenses")).ShouldBe(404, "TENANT.NOT_FOUND");
        }
    }

    [Fact]
    public async Task A_key_of_one_scope_opens_that_and_nothing_else()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();
        var key = SecretScan.Noted((string)(await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "resolver", scopes = new[] { "resolve" } })).ShouldBe(201).Data["key"]!);
        var app = new Caller(stack.Gateways[1], null, key);

        (await app.PostAsync("/v1/integration/licensing/resolve", new { license_key = license.Key })).ShouldBe(200);
        (await app.ValidateAsync(license.Key)).ShouldBe(403, "AUTH.SCOPE_INSUFFICIENT");
        (await app.ActivateAsync(license.Key, "one")).ShouldBe(403, "AUTH.SCOPE_INSUFFICIENT");
        (await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "bad", scopes = new[] { "everything" } })).ShouldBe(422, "VALIDATION.FAILED");
    }

    private static async Task<EventStream> WatchAsync(HttpClient gateway, string token, string tenantId, string? lastEventId)
    {
        var response = await AskAsync(gateway, token, tenantId, lastEventId);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await EventStream.OfAsync(response);
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient gateway, string token, string tenantId, string? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/onboarding/provision/{tenantId}/events");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        return await gateway.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }
}
