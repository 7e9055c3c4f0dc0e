using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ValidonX.Tests.Provisioner.Webhooks;
using ValidonX.Tests.Telemetry;

namespace ValidonX.Tests.EndToEnd;

/// <summary>CONTRACT §7 through the gateway: what happens to a tenant arrives at its receiver, each event once under its id, signed.</summary>
public sealed class WebhookTests
{
    private const string Path = "/v1/tenant/webhooks";

    private static readonly string[] Every = ["*"];

    [Fact]
    public async Task Each_kind_of_event_is_provoked_once_and_told_once()
    {
        var stack = await Stack.GetAsync();
        var began = DateTimeOffset.UtcNow.AddMinutes(-1);
        var tenant = await stack.CreateTenantAsync("starter");
        await using var receiver = await Receiver.StartAsync();
        var (webhook, secret) = await CreateAsync(tenant, receiver.Url);
        var operators = $"/v1/admin/tenants/{tenant.Id}";

        // What was before there could be an endpoint is there for it.
        (await tenant.Owner.PostAsync($"{Path}/{webhook}/replay", new { from = began })).ShouldBe(202);
        var provisioned = await OneAsync(receiver, "tenant.provisioned");
        Assert.Equal((tenant.Id.ToString(), "active"), ((string)provisioned["tenant"]!["id"]!, (string)provisioned["tenant"]!["status"]!));
        Assert.Equal("starter", (string?)(await OneAsync(receiver, "subscription.created"))["subscription"]!["plan"]);

        var license = await tenant.CreateLicenseAsync(new { entitlements = new Dictionary<string, object> { ["api.calls"] = 10, ["pdf"] = true }, customer = new { name = "Jane Doe" } });
        var made = await OneAsync(receiver, "license.created");
        Assert.Equal((license.Id.ToString(), "Jane Doe", 10), ((string)made["license"]!["id"]!, (string)made["license"]!["customer"]!["name"]!, (int)made["license"]!["entitlements"]!["api.calls"]!));
        Assert.DoesNotContain(license.Key, made.ToJsonString(), StringComparison.Ordinal);

        var activation = (await tenant.App.ActivateAsync(license.Key, "laptop")).ShouldBe(201).Data["activation"]!;
        (await tenant.App.ActivateAsync(license.Key, "laptop")).ShouldBe(200);
        var activated = (await OneAsync(receiver, "activation.created"))["activation"]!;
        Assert.Equal(((string)activation["id"]!, license.Id.ToString(), "laptop"), ((string)activated["id"]!, (string)activated["license_key_id"]!, (string)activated["instance_id"]!));
        (await tenant.Owner.DeleteAsync($"/v1/tenant/activations/{activation["id"]}")).ShouldBe(200);
        (await tenant.Owner.DeleteAsync($"/v1/tenant/activations/{activation["id"]}")).ShouldBe(200);
        var freed = (await OneAsync(receiver, "activation.revoked"))["activation"]!;
        Assert.Equal(((string)activation["id"]!, license.Id.ToString(), "revoked"), ((string)freed["id"]!, (string)freed["license_key_id"]!, (string)freed["status"]!));

        (await tenant.App.PostAsync("/v1/integration/usage/record", new { license_key = license.Key, metric = "api.calls", quantity = 8 })).ShouldBe(202);
        (await tenant.App.PostAsync("/v1/integration/usage/record", new { license_key = license.Key, metric = "api.calls", quantity = 1 })).ShouldBe(202);
        var passed = await OneAsync(receiver, "usage.threshold_reached");
        Assert.Equal((license.Id.ToString(), "api.calls", 80, 8, 10), ((string)passed["license_id"]!, (string)passed["metric"]!, (int)passed["threshold"]!, (int)passed["used"]!, (int)passed["limit"]!));

        var entitlements = new Dictionary<string, object> { ["api.calls"] = 10, ["export"] = true };
        (await tenant.Owner.PutAsync($"/v1/tenant/licenses/{license.Id}/entitlements", new { entitlements })).ShouldBe(200);
        (await tenant.Owner.PutAsync($"/v1/tenant/licenses/{license.Id}/entitlements", new { entitlements })).ShouldBe(200);
        Assert.Equal("""{"export":true}""", (await OneAsync(receiver, "entitlement.granted"))["entitlements"]!.ToJsonString());
        Assert.Equal("""{"pdf":true}""", (await OneAsync(receiver, "entitlement.revoked"))["entitlements"]!.ToJsonString());

        var revoke = $"/v1/tenant/licenses/{license.Id}/revoke";
        (await tenant.Owner.PostAsync(revoke)).ShouldBe(200);
        (await tenant.Owner.PostAsync(revoke)).ShouldBe(200);
        var revoked = (await OneAsync(receiver, "license.revoked"))["license"]!;
        Assert.Equal((license.Id.ToString(), "revoked", "Jane Doe"), ((string)revoked["id"]!, (string)revoked["status"]!, (string)revoked["customer"]!["name"]!));

        var trial = await tenant.CreateLicenseAsync(new { type = "trial", expires_at = DateTimeOffset.UtcNow.AddDays(3) });
        Assert.Equal(trial.Id.ToString(), (string?)(await OneAsync(receiver, "license.expiring"))["license"]!["id"]);

        (await stack.Operator.PostAsync($"{operators}/subscription/change-plan", new { plan = "enterprise", when = "period_end" })).ShouldBe(200);
        (await stack.Operator.PostAsync($"{operators}/subscription/change-plan", new { plan = "enterprise", when = "period_end" })).ShouldBe(200);
        Assert.Equal("changed", (string?)(await OneAsync(receiver, "subscription.updated"))["reason"]);
        (await stack.Operator.PostAsync($"{operators}/subscription/cancel", new { at_period_end = false })).ShouldBe(200);
        Assert.Equal("canceled", (string?)(await OneAsync(receiver, "subscription.cancelled"))["subscription"]!["status"]);
        (await stack.Operator.PostAsync($"{operators}/subscription/resume")).ShouldBe(200);
        await Until.TrueAsync(() => receiver.Of("subscription.created").Count == 2, "the subscription that began anew is told of");
        Assert.Equal("restarted", (string?)receiver.Of("subscription.created")[1].Json["data"]!["reason"]);

        (await stack.Operator.PostAsync($"{operators}/suspend")).ShouldBe(200);
        (await stack.Operator.PostAsync($"{operators}/suspend")).ShouldBe(200);
        Assert.Equal("suspended", (string?)(await OneAsync(receiver, "tenant.suspended"))["tenant"]!["status"]);

        // Nothing came that was not provoked, and everything came once.
        Assert.Equal(
            [
                "activation.created 1", "activation.revoked 1", "entitlement.granted 1", "entitlement.revoked 1", "license.created 2", "license.expiring 1", "license.revoked 1",
                "subscription.cancelled 1", "subscription.created 2", "subscription.updated 1", "tenant.provisioned 1", "tenant.suspended 1", "usage.threshold_reached 1",
            ],
            receiver.All.DistinctBy(one => one.Id).GroupBy(one => one.Type).Select(group => $"{group.Key} {group.Count()}").Order(StringComparer.Ordinal));
        Assert.Equal(receiver.All.Count, receiver.All.Select(one => one.Id).Distinct().Count());
        Assert.All(receiver.All, one => Assert.True(Signatures.IsGood(one, secret)));
    }

    [Fact]
    public async Task A_secret_is_rotated_without_a_moment_in_which_deliveries_cannot_be_verified()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        await using var receiver = await Receiver.StartAsync();
        var (webhook, old) = await CreateAsync(tenant, receiver.Url);
        var oldKey = (string)(await tenant.Owner.GetAsync($"{Path}/{webhook}")).ShouldBe(200).Data["public_key"]!;

        var rotated = (await tenant.Owner.PostAsync($"{Path}/{webhook}/rotate-secret", new { overlap_seconds = 3600 })).ShouldBe(200);
        var secret = SecretScan.Noted((string)rotated.Data["secret"]!);
        var both = await TestAsync(tenant, webhook, receiver);
        Assert.Equal(4, Signatures.Count(both));
        Assert.True(Signatures.IsGood(both, old) && Signatures.IsGood(both, secret));
        Assert.True(Signatures.IsGoodByKey(both, oldKey) && Signatures.IsGoodByKey(both, (string)rotated.Data["public_key"]!));
        Assert.True(Signatures.IsGoodPlainly(both, secret) && Signatures.IsGoodPlainly(both, old, "x-validonx-signature-previous"));

        var again = (await tenant.Owner.PostAsync($"{Path}/{webhook}/rotate-secret", new { overlap_seconds = 0 })).ShouldBe(200);
        var only = await TestAsync(tenant, webhook, receiver);
        Assert.Equal(2, Signatures.Count(only));
        Assert.False(Signatures.IsGood(only, secret));
        Assert.True(Signatures.IsGood(only, SecretScan.Noted((string)again.Data["secret"]!)));
    }

    [Fact]
    public async Task What_was_delivered_is_shown_with_request_and_answer_and_is_sent_again_on_a_word()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = async (received, context) =>
        {
            context.Response.StatusCode = received.Type == "license.created" ? 503 : 200;
            await context.Response.WriteAsync("sorry, Bearer 0123456789abcdef " + new string('x', 10_000));
        };
        var (webhook, secret) = await CreateAsync(tenant, receiver.Url);
        await tenant.CreateLicenseAsync();
        JsonNode? delivery = null;
        await Until.TrueAsync(
            async () => (delivery = (await tenant.Owner.GetAsync($"{Path}/{webhook}/deliveries?status=pending")).ShouldBe(200).Data.AsArray().SingleOrDefault(one => (string?)one!["event_type"] == "license.created")) is not null && (int)delivery["attempts"]! >= 1,
            "the delivery was tried");
        var path = $"{Path}/deliveries/{delivery!["id"]}";
        var details = (await tenant.Owner.GetAsync(path)).ShouldBe(200);
        Assert.Equal(receiver.All.First().Body, (string)details.Data["request"]!["body"]!);
        Assert.Equal(receiver.All.First().Id, (string)details.Data["request"]!["headers"]!["webhook-id"]!);
        var attempt = details.Data["attempts"]!.AsArray().Last()!;
        Assert.Equal((503, receiver.Url, "The receiver answered 503."), ((int)attempt["response_status"]!, (string)attempt["url"]!, (string)attempt["error"]!));
        var body = (string)attempt["response_body"]!;
        Assert.StartsWith("sorry, Bearer [hidden] xxx", body, StringComparison.Ordinal);
        Assert.True(body.Length <= 4096);
        Assert.DoesNotContain(secret, details.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(receiver.All.First().Headers["x-validonx-signature"], details.ToString(), StringComparison.Ordinal);

        receiver.Answer = (_, context) => Receiver.Status(context, 204);
        (await tenant.Owner.PostAsync($"{path}/redeliver")).ShouldBe(202);
        await Until.TrueAsync(async () => (string?)(await tenant.Owner.GetAsync(path)).Data["delivery"]!["status"] == "succeeded", "it is delivered");
        var before = receiver.All.Count;
        (await tenant.Owner.PostAsync($"{path}/redeliver")).ShouldBe(202);
        await Until.TrueAsync(() => receiver.All.Count == before + 1, "it is delivered again");
        Assert.Single(receiver.Of("license.created").Select(one => one.Id).Distinct());

        // What happened while it was disabled is sent by a replay.
        (await tenant.Owner.SendAsync(HttpMethod.Patch, $"{Path}/{webhook}", new { status = "disabled" })).ShouldBe(200);
        var missed = await tenant.CreateLicenseAsync();
        await Until.TrueAsync(async () => (await tenant.Owner.GetAsync($"/v1/tenant/audit-logs?target={missed.Id}")).Data.AsArray().Count == 1, "the event has passed");
        (await tenant.Owner.PostAsync($"{Path}/{webhook}/replay", new { from = DateTimeOffset.UtcNow.AddHours(-1) })).ShouldBe(409);
        (await tenant.Owner.SendAsync(HttpMethod.Patch, $"{Path}/{webhook}", new { status = "enabled" })).ShouldBe(200);
        Assert.True((int)(await tenant.Owner.PostAsync($"{Path}/{webhook}/replay", new { from = DateTimeOffset.UtcNow.AddHours(-1) })).ShouldBe(202).Data["queued"]! >= 2);
        await Until.TrueAsync(() => receiver.Of("license.created").Any(one => (string?)one.Json["data"]!["license"]!["id"] == missed.Id.ToString()), "what was missed has come");
    }

    internal static async Task<(string Id, string Secret)> CreateAsync(TestTenant tenant, string url)
    {
        var created = (await tenant.Owner.PostAsync(Path, new { url, events = Every })).ShouldBe(201);
        return ((string)created.Data["id"]!, SecretScan.Noted((string)created.Data["secret"]!));
    }

    private static async Task<JsonNode> OneAsync(Receiver receiver, string type)
    {
        await Until.TrueAsync(() => receiver.Of(type).Count > 0, () => $"{type} has come; there came: {string.Join(", ", receiver.All.Select(one => one.Type))}");
        return Assert.Single(receiver.Of(type)).Json["data"]!;
    }

    private static async Task<Received> TestAsync(TestTenant tenant, string webhook, Receiver receiver)
    {
        var delivery = (await tenant.Owner.PostAsync($"{Path}/{webhook}/test")).ShouldBe(202).Data;
        await Until.TrueAsync(() => receiver.All.Any(one => one.Id == (string)delivery["event_id"]!), "the test has come");
        return receiver.All.Single(one => one.Id == (string)delivery["event_id"]!);
    }
}
