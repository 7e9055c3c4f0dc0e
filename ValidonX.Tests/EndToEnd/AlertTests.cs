namespace ValidonX.Tests.EndToEnd;

/// <summary>CONTRACT §10: a tenant that is made noisy on purpose shows up as such within a minute, and its neighbor does not.</summary>
public sealed class AlertTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_tenant_that_is_made_noisy_is_an_alert_within_a_minute_and_its_neighbor_is_none()
    {
        var stack = await Stack.GetAsync();
        var (tenant, neighbor) = (await stack.CreateTenantAsync(), await stack.CreateTenantAsync());
        foreach (var one in (TestTenant[])[tenant, neighbor])
        {
            (await stack.Operator.PutAsync($"/v1/admin/tenants/{one.Id}/alert-thresholds", new { noisy_requests = 300 })).ShouldBe(200);
        }

        var license = await tenant.CreateLicenseAsync();
        var began = TimeProvider.System.GetTimestamp();
        (await neighbor.App.ValidateAsync("NO-SUCH-LICENSE")).ShouldBe(404);
        await Until.TrueAsync(
            async () =>
            {
                // Beyond the quota of its key, too: whoever is refused is no less noisy.
                await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
                {
                    for (var i = 0; i < 40; i++)
                    {
                        await tenant.App.ValidateAsync(license.Key);
                    }
                })));
                return await AlertsAsync(stack, tenant) is ["noisy_neighbor"];
            },
            "the noisy tenant is an alert");

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, Minute);
        Assert.Empty(await AlertsAsync(stack, neighbor));
        Assert.DoesNotContain("noisy_neighbor", (await tenant.Owner.GetAsync("/v1/tenant/alerts")).ShouldBe(200).Data.AsArray().Select(alert => (string?)alert!["kind"]));
        var id = (string)(await stack.Operator.GetAsync($"/v1/admin/alerts?tenant_id={tenant.Id}&kind=noisy_neighbor")).ShouldBe(200).Data[0]!["id"]!;
        Assert.Equal("acknowledged", (string?)(await stack.Operator.PostAsync($"/v1/admin/alerts/{id}/acknowledge")).ShouldBe(200).Data["alert"]!["status"]);
    }

    private static async Task<string[]> AlertsAsync(Stack stack, TestTenant tenant) =>
    [
        .. (await stack.Operator.GetAsync($"/v1/admin/alerts?tenant_id={tenant.Id}&kind=noisy_neighbor")).ShouldBe(200).Data.AsArray().Select(alert => (string)alert!["kind"]!),
    ];
}
