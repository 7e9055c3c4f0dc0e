using ValidonX.Coherence;
using ValidonX.Platform.Coherence;

namespace ValidonX.Tests.LicensingApi.Plans;

/// <summary><c>GET /v1/plans</c>.</summary>
[Collection(LicensingCollection.Name)]
public sealed class PlanTests(LicensingPlatform platform)
{
    [Fact]
    public async Task Plans_come_from_memory_until_a_change_is_announced_and_then_change_on_every_replica()
    {
        var callers = Enumerable.Range(0, platform.Replicas.Count).Select(platform.Anonymous).ToList();
        var name = await NameAsync(callers[0]);
        Assert.Equal(name, await NameAsync(callers[1]));
        await platform.ExecuteAsync("UPDATE plans SET name = 'Renamed' WHERE code = 'starter'");
        try
        {
            Assert.Equal(name, await NameAsync(callers[0]));

            await AnnounceAsync();

            foreach (var caller in callers)
            {
                Assert.Equal("Renamed", await NameAsync(caller));
            }
        }
        finally
        {
            await platform.ExecuteAsync("UPDATE plans SET name = @name WHERE code = 'starter'", new { name });
            await AnnounceAsync();
        }

        var page = (await callers[0].GetAsync("/v1/plans")).ShouldBe(200);
        Assert.Equal(["starter", "pro", "enterprise"], page.Data.AsArray().Select(plan => (string?)plan!["code"]));
        Assert.True(page.Meta.AsObject().ContainsKey("next_cursor"));
    }

    private static async Task<string?> NameAsync(ApiCaller caller) =>
        (string?)(await caller.GetAsync("/v1/plans")).ShouldBe(200).Data.AsArray().Single(plan => (string?)plan!["code"] == "starter")!["name"];

    private Task AnnounceAsync() =>
        ((ICoherence)platform.Replicas[0].Services.GetService(typeof(ICoherence))!).InvalidateAsync([CacheKeys.Plans], TestContext.Current.CancellationToken);
}
