using System.Text.Json.Nodes;
using ValidonX.LicensingApi.FeatureFlags;
using ValidonX.Platform.Accounts;

namespace ValidonX.Tests.LicensingApi.FeatureFlags;

/// <summary>CONTRACT §10, feature flags: what decides, and that a change is in force everywhere when its call returns.</summary>
[Collection(LicensingCollection.Name)]
public sealed class FeatureFlagTests(LicensingPlatform platform)
{
    private const string Admin = "/v1/admin/feature-flags";
    private const string Effective = "/v1/tenant/feature-flags";

    [Fact]
    public async Task A_tenants_own_entry_goes_before_its_plans_and_that_before_the_percentage_and_the_default()
    {
        var (pro, enterprise) = (await platform.CreateTenantAsync("pro"), await platform.CreateTenantAsync());
        var key = NewKey();

        await PutAsync(key, new { @default = true });
        Assert.Equal((true, "default"), await ForAsync(pro, key));
        await PutAsync(key, new { @default = true, percentage = 0 });
        Assert.Equal((false, "percentage"), await ForAsync(pro, key));
        await PutAsync(key, new { percentage = 0, plans = new { pro = true } });
        Assert.Equal((true, "plan"), await ForAsync(pro, key));
        Assert.Equal((false, "percentage"), await ForAsync(enterprise, key));
        var set = await PutAsync(key, new { percentage = 100, plans = new { pro = true }, tenants = new Dictionary<string, bool> { [pro.Id.ToString()] = false } });
        Assert.Equal((false, "tenant"), await ForAsync(pro, key));
        Assert.Equal((true, "percentage"), await ForAsync(enterprise, key));
        Assert.Equal($$"""{"{{pro.Id}}":false}""", set["tenants"]!.ToJsonString());
    }

    [Fact]
    public async Task A_change_is_in_force_on_every_replica_when_its_call_returns()
    {
        var tenant = await platform.CreateTenantAsync();
        var key = NewKey();
        for (var round = 0; round < 20; round++)
        {
            await PutAsync(key, new { @default = round % 2 == 0 });
            foreach (var replica in (int[])[0, 1])
            {
                Assert.Equal(round % 2 == 0, (await ForAsync(tenant, key, replica)).Enabled);
            }
        }

        (await platform.Operator().DeleteAsync($"{Admin}/{key}")).ShouldBe(200);
        foreach (var replica in (int[])[0, 1])
        {
            Assert.DoesNotContain((await tenant.User(TenantRole.Viewer, replica).GetAsync(Effective)).Data.AsArray(), flag => (string?)flag!["key"] == key);
        }

        (await platform.Operator().DeleteAsync($"{Admin}/{key}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    [Fact]
    public void A_percentage_takes_about_that_many_tenants_always_the_same_and_never_lets_one_go_when_it_grows()
    {
        var tenants = Enumerable.Range(0, 10_000).Select(number => new Guid(number, 7, 7, 1, 2, 3, 4, 5, 6, 7, 8)).ToList();
        var before = new HashSet<Guid>();
        foreach (var percentage in (int[])[0, 1, 25, 50, 99, 100])
        {
            var flag = new FeatureFlag(Guid.NewGuid(), "some.key", false, new Dictionary<string, bool>(), new Dictionary<string, bool>(), percentage, default, default);
            var taken = tenants.Where(tenant => flag.For(tenant, "pro").Enabled).ToHashSet();
            Assert.InRange(taken.Count, (percentage * 100) - 200, (percentage * 100) + 200);
            Assert.Superset(before, taken);
            before = taken;
        }

        Assert.Equal(10_000, before.Count);
        // Written down, because it must be so on every machine and in every version.
        Assert.Equal((FeatureFlag.BucketOf("some.key", tenants[0]), FeatureFlag.BucketOf("other.key", tenants[0])), (BucketOfFirst, BucketOfFirstOther));
    }

    private const int BucketOfFirst = 380;
    private const int BucketOfFirstOther = 3294;

    [Fact]
    public async Task Several_who_set_the_same_new_flag_at_once_make_one()
    {
        var key = NewKey();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => platform.Operator(number % 2).PutAsync($"{Admin}/{key}", new { percentage = number })));

        Assert.All(answers, answer => answer.ShouldBe(200));
        Assert.Single(answers.Select(answer => (string?)answer.Data["id"]).Distinct());
        Assert.Equal(20L, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = 'feature_flag.set' AND subject_id = @id", new { id = (string?)answers[0].Data["id"] }));
        Assert.Equal(
            1L, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE subject_id = @id AND details LIKE '{\"before\":null,%'", new { id = (string?)answers[0].Data["id"] }));
    }

    [Fact]
    public async Task What_it_says_already_is_not_recorded_again()
    {
        var key = NewKey();
        var first = await PutAsync(key, new { @default = true, plans = new { pro = false } });

        var again = await PutAsync(key, new { @default = true, plans = new { pro = false } });

        Assert.Equal(first.ToJsonString(), again.ToJsonString());
        Assert.Equal(1L, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE subject_id = @id", new { id = (string?)first["id"] }));
        Assert.Equal(first.ToJsonString(), (await platform.Operator().GetAsync($"{Admin}/{key}")).ShouldBe(200).Data.ToJsonString());
    }

    [Fact]
    public async Task Bad_flags_are_refused_with_all_that_is_wrong()
    {
        var answer = (await platform.Operator().PutAsync(
                $"{Admin}/{NewKey()}", new { @default = "yes", percentage = 101, plans = new { gold = true }, tenants = new Dictionary<string, bool> { [Guid.NewGuid().ToString()] = true } }))
            .ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(4, answer.Details.AsObject().Count);
        Assert.True(answer.Details.AsObject().ContainsKey("plans.gold"), answer.ToString());
        (await platform.Operator().PutAsync($"{Admin}/{NewKey()}", new { tenants = new { x = true } })).ShouldBe(422, "VALIDATION.FAILED");
        (await platform.Operator().PutAsync($"{Admin}/{NewKey()}", new { plans = new { pro = 1 } })).ShouldBe(422, "VALIDATION.FAILED");
        foreach (var key in (string[])["Upper", "-first", new string('a', 101), "a%20b", "%C3%A4"])
        {
            (await platform.Operator().PutAsync($"{Admin}/{key}", new { })).ShouldBe(422, "VALIDATION.FAILED");
            (await platform.Operator().GetAsync($"{Admin}/{key}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        }

        var tenant = await platform.CreateTenantAsync();
        (await tenant.Owner.PutAsync($"{Admin}/{NewKey()}", new { })).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
    }

    [Fact]
    public async Task The_list_goes_page_by_page_newest_first()
    {
        var keys = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            keys.Add(NewKey());
            await PutAsync(keys[i], new { });
        }

        var (seen, cursor) = (new List<string>(), "");
        do
        {
            var page = (await platform.Operator().GetAsync($"{Admin}?limit=2{cursor}")).ShouldBe(200);
            seen.AddRange(page.Data.AsArray().Select(flag => (string)flag!["key"]!));
            cursor = (string?)page.Meta["next_cursor"] is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);

        Assert.Equal(Enumerable.Reverse(keys), seen.Where(keys.Contains));
        Assert.Equal(seen.Count, seen.Distinct(StringComparer.Ordinal).Count());
    }

    private static string NewKey() => $"flag-{Guid.NewGuid():N}";

    private async Task<JsonNode> PutAsync(string key, object flag) => (await platform.Operator().PutAsync($"{Admin}/{key}", flag)).ShouldBe(200).Data;

    private static async Task<(bool Enabled, string Reason)> ForAsync(LicensedTenant tenant, string key, int replica = 0)
    {
        var flag = (await tenant.User(TenantRole.Viewer, replica).GetAsync(Effective)).ShouldBe(200).Data.AsArray().Single(one => (string?)one!["key"] == key)!;
        return ((bool)flag["enabled"]!, (string)flag["reason"]!);
    }
}
