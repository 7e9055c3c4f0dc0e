using ValidonX.Tests.LicensingApi.Offline;

namespace ValidonX.Tests.EndToEnd;

/// <summary>CONTRACT §10: an app that is online once and then not, with nothing but what the gateway answers.</summary>
public sealed class OfflineTests
{
    [Fact]
    public async Task An_app_goes_offline_runs_out_comes_back_and_learns_that_it_was_revoked()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();
        (await tenant.App.ActivateAsync(license.Key, "laptop")).ShouldBe(201);
        var online = (await tenant.App.PostAsync($"/v1/integration/licenses/{license.Key}/validate", new { lease = true, instance_id = "laptop", nonce = "n-1" })).ShouldBe(200);
        var lease = (string)online.Data["lease"]!;
        var app = new OfflineApp(tenant.Id, await ReadAsync(stack, "jwks.json", tenant.Slug), "laptop") { Revocations = await ReadAsync(stack, "revocations", tenant.Id.ToString()) };
        var now = DateTimeOffset.UtcNow;

        Assert.Equal(OfflineVerdict.Good, app.Judge(lease, now, nonce: "n-1"));
        Assert.Equal(OfflineVerdict.Foreign, app.Judge(lease, now, nonce: "n-2"));
        Assert.Equal(OfflineVerdict.GoodInGrace, app.Judge(lease, now.AddHours(30)));
        Assert.Equal(OfflineVerdict.Ended, app.Judge(lease, now.AddDays(5)));

        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{license.Id}/revoke")).ShouldBe(200);
        (await tenant.App.PostAsync($"/v1/integration/licenses/{license.Key}/validate", new { lease = true })).ShouldBe(403, "LICENSE.REVOKED");
        Assert.Equal(OfflineVerdict.Good, app.Judge(lease, now));
        app.Revocations = await ReadAsync(stack, "revocations", tenant.Slug);
        Assert.Equal(OfflineVerdict.Revoked, app.Judge(lease, now));
    }

    /// <summary>As anyone gets it, at each gateway in turn.</summary>
    private static async Task<string> ReadAsync(Stack stack, string what, string tenant)
    {
        var texts = await Task.WhenAll(stack.Gateways.Select(gateway => gateway.GetStringAsync($"/.well-known/{what}?tenant={tenant}", TestContext.Current.CancellationToken)));
        return texts[^1];
    }
}
