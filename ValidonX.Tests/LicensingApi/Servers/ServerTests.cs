namespace ValidonX.Tests.LicensingApi.Servers;

/// <summary><c>/v1/admin/servers</c>: operators see how full database servers are and steer where new tenants go.</summary>
[Collection(LicensingCollection.Name)]
public sealed class ServerTests(LicensingPlatform platform)
{
    private const string Path = "/v1/admin/servers";

    [Fact]
    public async Task A_drained_or_full_server_keeps_its_tenants_and_gets_no_new_ones()
    {
        var (name, region) = await ServerAsync(capacity: 2);
        (await SignUpAsync(region)).ShouldBe(202);

        var drained = (await platform.Operator().PatchAsync($"{Path}/{name}", new { accepts_tenants = false })).ShouldBe(200).Data["server"]!;
        Assert.Equal((false, 1L, 2L, 0.5), ((bool)drained["accepts_tenants"]!, (long)drained["tenants"]!, (long)drained["capacity"]!, (double)drained["load"]!));
        (await SignUpAsync(region)).ShouldBe(503);
        (await platform.Operator().PatchAsync($"{Path}/{name}", new { accepts_tenants = true, capacity = 1 })).ShouldBe(200);
        (await SignUpAsync(region)).ShouldBe(503);
        var opened = (await platform.Operator().PatchAsync($"{Path}/{name}", new { capacity = (int?)null })).ShouldBe(200).Data["server"]!;
        Assert.Equal((2L, 2L), ((long)opened["capacity"]!, (long)opened["configured_capacity"]!));
        (await SignUpAsync(region)).ShouldBe(202);
        (await SignUpAsync(region)).ShouldBe(503);

        var entries = (await platform.Operator().GetAsync($"/v1/admin/audit-logs?target={name}")).ShouldBe(200).Data.AsArray();
        Assert.Equal(3, entries.Count);
        Assert.Equal(("""{"accepts_tenants":true}""", """{"accepts_tenants":false}"""), (entries[2]!["before"]!.ToJsonString(), entries[2]!["after"]!.ToJsonString()));
        (await platform.Operator().PatchAsync($"{Path}/{name}", new { accepts_tenants = true })).ShouldBe(200);
        Assert.Equal(3, (await platform.Operator().GetAsync($"/v1/admin/audit-logs?target={name}")).Data.AsArray().Count);
        await platform.Operator().PatchAsync($"{Path}/{name}", new { accepts_tenants = false });
    }

    [Fact]
    public async Task Servers_are_found_by_region_and_where_one_is_nobody_changes_over_the_API()
    {
        var (name, region) = await ServerAsync(capacity: 7);

        var listed = Assert.Single((await platform.Operator().GetAsync($"{Path}?region={region}&class=shared")).ShouldBe(200).Data.AsArray())!;
        Assert.Equal((name, 7L, 0L), ((string)listed["name"]!, (long)listed["capacity"]!, (long)listed["tenants"]!));
        var kept = (await platform.Operator().PatchAsync($"{Path}/{name}", new { host = "203.0.113.9", port = 1 })).ShouldBe(200).Data["server"]!;
        Assert.Equal("127.0.0.1", (string?)kept["host"]);
        Assert.Equal(kept.ToJsonString(), (await platform.Operator().GetAsync($"{Path}/{name}")).ShouldBe(200).Data["server"]!.ToJsonString());
        (await platform.Operator().GetAsync($"{Path}/nowhere")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await platform.Operator().PatchAsync($"{Path}/nowhere", new { accepts_tenants = true })).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await platform.Operator().PatchAsync($"{Path}/{name}", new { accepts_tenants = "maybe", capacity = -1 })).ShouldBe(422, "VALIDATION.FAILED");
        (await (await platform.CreateTenantAsync()).Owner.GetAsync(Path)).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
    }

    private async Task<(string Name, string Region)> ServerAsync(int capacity)
    {
        var (name, region) = ($"s-{Guid.NewGuid():N}"[..20], $"r-{Guid.NewGuid():N}"[..20]);
        await platform.ExecuteAsync(
            """
            INSERT INTO database_servers (name, host, port, region, class, capacity, accepts_tenants, created_at, updated_at)
            VALUES (@name, '127.0.0.1', @Port, @region, 'shared', @capacity, 1, NOW(6), NOW(6))
            """,
            new { name, region, capacity, platform.Databases.Server.Port });
        return (name, region);
    }

    private Task<EndToEnd.Answer> SignUpAsync(string region) =>
        platform.Operator().PostAsync("/v1/admin/tenants", new { name = $"T {Guid.NewGuid():N}", region, owner = new { email = $"{Guid.NewGuid():N}@x.example" } });
}
