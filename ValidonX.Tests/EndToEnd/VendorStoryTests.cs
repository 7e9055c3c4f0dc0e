using ValidonX.Tests.LicensingApi.Mail;
using ValidonX.Tests.LicensingApi.Offline;
using ValidonX.Tests.Provisioner.Webhooks;
using ValidonX.Tests.Telemetry;

namespace ValidonX.Tests.EndToEnd;

/// <summary>A vendor's whole life with the platform, as one story through the gateways; each part has tests of its own elsewhere.</summary>
public sealed class VendorStoryTests
{
    private const string Password = "a password for one story";

    [Fact]
    public async Task From_the_sign_up_to_the_deleted_account()
    {
        var stack = await Stack.GetAsync();
        var (vendor, tenantId, slug, apiKey, email) = await SignUpAsync(stack);
        var app = new Caller(stack.Gateways[1], null, apiKey);
        await using var receiver = await Receiver.StartAsync();
        var webhook = (await vendor.PostAsync("/v1/tenant/webhooks", new { url = receiver.Url, events = new[] { "*" } })).ShouldBe(201).Data;
        var secret = SecretScan.Noted((string)webhook["secret"]!);

        // A product for two machines each, and a license with ten calls a month.
        var product = (string)(await vendor.PostAsync("/v1/tenant/products", new { code = "editor", name = "Editor" })).ShouldBe(201).Data["product"]!["id"]!;
        (await vendor.PutAsync($"/v1/tenant/products/{product}/policy", new { max_activations = 2, offline_days = 3 })).ShouldBe(200);
        var license = (await vendor.PostAsync("/v1/tenant/licenses", new
        {
            product_id = product,
            entitlements = new Dictionary<string, object> { ["export"] = true, ["api.calls"] = new { limit = 10, hard = true } },
        })).ShouldBe(201).Data["license"]!;
        var (id, key) = ((string)license["id"]!, SecretScan.Noted((string)license["key"]!));

        // Its customer's machines.
        (await app.ActivateAsync(key, "laptop")).ShouldBe(201);
        (await app.ActivateAsync(key, "desktop")).ShouldBe(201);
        (await app.ActivateAsync(key, "tablet")).ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");

        // Metered; what was used without a network comes later, and twice.
        (await app.PostAsync("/v1/integration/usage/record", new { license_key = key, metric = "api.calls", quantity = 8 })).ShouldBe(202);
        (await app.PostAsync("/v1/integration/usage/record", new { license_key = key, metric = "api.calls", quantity = 3 })).ShouldBe(403, "ENTITLEMENTS.LIMIT_EXCEEDED");
        var late = new { events = new[] { new { license_key = key, metric = "api.calls", quantity = 1, idempotency_key = "laptop/1", recorded_at = DateTimeOffset.UtcNow.AddMinutes(-1) } } };
        Assert.Equal(1, (int)(await app.PostAsync("/v1/integration/usage/batch", late)).ShouldBe(200).Data["accepted"]!);
        Assert.Equal(1, (int)(await app.PostAsync("/v1/integration/usage/batch", late)).ShouldBe(200).Data["duplicates"]!);

        // The laptop goes offline with a signed verdict; the key that signed it is replaced meanwhile.
        var lease = (string)(await app.PostAsync($"/v1/integration/licenses/{key}/validate", new { lease = true, instance_id = "laptop" })).ShouldBe(200).Data["lease"]!;
        (await vendor.PostAsync("/v1/tenant/signing-keys/rotate")).ShouldBe(200);
        var laptop = new OfflineApp(tenantId, await WellKnownAsync(stack, "jwks.json", slug), "laptop") { Revocations = await WellKnownAsync(stack, "revocations", slug) };
        Assert.Equal(OfflineVerdict.Good, laptop.Judge(lease, DateTimeOffset.UtcNow.AddHours(12)));

        // Another API key, and a larger plan.
        var first = (string)(await vendor.GetAsync("/v1/tenant/api-keys")).ShouldBe(200).Data.AsArray().Single()!["id"]!;
        var rotated = SecretScan.Noted((string)(await vendor.PostAsync($"/v1/tenant/api-keys/{first}/rotate", new { overlap_seconds = 3_600 })).ShouldBe(201).Data["key"]!);
        var renewed = new Caller(stack.Gateways[0], null, rotated);
        (await app.ValidateAsync(key)).ShouldBe(200);
        (await renewed.ValidateAsync(key)).ShouldBe(200);
        (await vendor.DeleteAsync($"/v1/tenant/api-keys/{first}")).ShouldBe(200);
        (await app.ValidateAsync(key)).ShouldBe(401, "AUTH.INVALID_API_KEY");
        (await vendor.PostAsync("/v1/billing/subscription/change-plan", new { plan = "pro" })).ShouldBe(200);
        Assert.Contains("\"key\";q=1200;w=60", (await renewed.ValidateAsync(key)).ShouldBe(200).Header("RateLimit-Policy"), StringComparison.Ordinal);

        // The license is revoked: at once for who asks, with the next list for who does not.
        (await vendor.PostAsync($"/v1/tenant/licenses/{id}/revoke")).ShouldBe(200);
        (await renewed.ValidateAsync(key)).ShouldBe(403, "LICENSE.REVOKED");
        Assert.Equal(OfflineVerdict.Good, laptop.Judge(lease, DateTimeOffset.UtcNow));
        Assert.True(laptop.WantsNewRevocations(DateTimeOffset.UtcNow.AddDays(2)));
        laptop.Revocations = await WellKnownAsync(stack, "revocations", slug);
        Assert.Equal(OfflineVerdict.Revoked, laptop.Judge(lease, DateTimeOffset.UtcNow));

        // All of it was told, signed, and each thing once.
        string[] expected =
        [
            "license.created 1", "activation.created 2", "activation.limit_reached 1", "usage.threshold_reached 1", "subscription.updated 1", "license.revoked 1",
        ];
        await Until.TrueAsync(() => expected.All(one => receiver.Of(one.Split(' ')[0]).Count > 0), "every event has arrived");
        Assert.All(receiver.All, one => Assert.True(Signatures.IsGood(one, secret)));
        Assert.Superset(
            expected.ToHashSet(),
            receiver.All.DistinctBy(one => one.Id).GroupBy(one => one.Type).Select(group => $"{group.Key} {group.Count()}").ToHashSet());

        // The books agree, the log is whole, and the vendor has seen what its callers saw.
        Assert.Empty((await vendor.PostAsync("/v1/tenant/usage/reconcile")).ShouldBe(200).Data["differences"]!.AsArray());
        Assert.True((bool)(await vendor.PostAsync("/v1/tenant/audit-logs/verify")).ShouldBe(200).Data["valid"]!);
        await Until.TrueAsync(
            async () => (long)(await vendor.GetAsync("/v1/tenant/metrics")).ShouldBe(200).Data["totals"]!["requests"]! > 20,
            "the calls are in the tenant's metrics");

        // It leaves.
        Assert.Contains(email, (await vendor.GetAsync("/v1/account/export")).ShouldBe(200).Data.ToJsonString(), StringComparison.Ordinal);
        (await vendor.SendAsync(HttpMethod.Delete, "/v1/account", new { password = Password })).ShouldBe(409, "RESOURCE.CONFLICT");
        (await stack.Operator.PostAsync($"/v1/admin/tenants/{tenantId}/close")).ShouldBe(200);
        (await renewed.ValidateAsync(key)).ShouldBe(403, "TENANT.INVALID_STATE");
        (await vendor.SendAsync(HttpMethod.Delete, "/v1/account", new { password = Password })).ShouldBe(204);
        (await vendor.GetAsync("/v1/account/profile")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        (await new Caller(stack.Gateways[0], null, null).PostAsync("/v1/auth/login", new { email, password = Password })).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
    }

    private static async Task<(Caller Vendor, Guid Id, string Slug, string ApiKey, string Email)> SignUpAsync(Stack stack)
    {
        var anyone = new Caller(stack.Gateways[0], null, null);
        var mailbox = new Mailbox(path => stack.Operator.GetAsync(path), $"vendor-{Guid.NewGuid():N}@tenant.example");
        (await anyone.PostAsync("/v1/auth/register", new { name = "Ada", email = mailbox.Address, password = Password, company = "Acme" })).ShouldBe(202);
        var verified = (await anyone.PostAsync("/v1/auth/email/verify", new { token = await mailbox.TokenAsync() })).ShouldBe(200);
        var vendor = new Caller(stack.Gateways[0], SecretScan.Noted((string)verified.Data["token"]!), null);
        var tenant = (await vendor.PostAsync("/v1/onboarding/provision", new { name = $"Story {Guid.NewGuid():N}"[..20], plan = "starter" })).ShouldBe(202).Data["tenant"]!;
        var id = (string)tenant["id"]!;
        await Until.TrueAsync(
            async () => (string?)(await vendor.GetAsync($"/v1/onboarding/provision/{id}")).ShouldBe(200).Data["tenant"]!["status"] == "active", $"the tenant {id} becomes active");
        var revealed = (await vendor.PostAsync($"/v1/onboarding/provision/{id}/api-key/reveal")).ShouldBe(200).Data;
        SecretScan.Noted((string)revealed["bearer_token"]!);
        return (vendor, Guid.Parse(id), (string)tenant["slug"]!, SecretScan.Noted((string)revealed["api_key"]!), mailbox.Address);
    }

    private static async Task<string> WellKnownAsync(Stack stack, string what, string tenant) =>
        await stack.Gateways[1].GetStringAsync($"/.well-known/{what}?tenant={tenant}", TestContext.Current.CancellationToken);
}
