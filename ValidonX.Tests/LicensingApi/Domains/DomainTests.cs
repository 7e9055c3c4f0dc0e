using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Domains;
using ValidonX.Platform.Accounts;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.LicensingApi.Domains;

/// <summary>CONTRACT §2, §6, <c>/v1/tenant/domains</c>.</summary>
[Collection(LicensingCollection.Name)]
public sealed class DomainTests(LicensingPlatform platform)
{
    private const string Path = "/v1/tenant/domains";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_is_the_tenants_when_its_dns_says_so_and_not_before()
    {
        var tenant = await platform.CreateTenantAsync();
        var host = NewHost();

        var added = await AddAsync(tenant.Owner, $" {host.ToUpperInvariant()}. ");
        Assert.Equal((host, "unverified"), ((string)added["host"]!, (string)added["status"]!));
        var (name, value) = ((string)added["record"]!["name"]!, (string)added["record"]!["value"]!);
        Assert.Equal(($"_validonx.{host}", "TXT"), (name, (string)added["record"]!["type"]!));

        var none = await VerifyAsync(tenant, added);
        Assert.Equal((false, "no_record"), ((bool)none["verified"]!, (string?)none["problem"]));
        platform.Dns.Set(name, "v=spf1 -all", value + "x");
        var other = await VerifyAsync(tenant, added);
        Assert.Equal((false, "other_value"), ((bool)other["verified"]!, (string?)other["problem"]));
        Assert.Equal(["v=spf1 -all", value + "x"], other["found"]!.AsArray().Select(text => (string)text!));
        platform.Dns.Set(name, "v=spf1 -all", value);
        var verified = await VerifyAsync(tenant, added);
        Assert.Equal((true, null, "verified"), ((bool)verified["verified"]!, (string?)verified["problem"], (string)verified["domain"]!["status"]!));

        // Proved is proved: the record may go again.
        platform.Dns.Set(name);
        Assert.True((bool)(await VerifyAsync(tenant, added))["verified"]!);
        Assert.Equal("verified", (string)(await tenant.User(TenantRole.Viewer).GetAsync(Path)).ShouldBe(200).Data[0]!["status"]!);
    }

    [Fact]
    public async Task Who_claims_a_host_keeps_nobody_from_it_and_who_has_proved_it_does()
    {
        var (squatter, owner) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var host = NewHost();
        var squatted = await AddAsync(squatter.Owner, host);
        var claimed = await AddAsync(owner.Owner, host);
        Assert.NotEqual((string)squatted["record"]!["value"]!, (string)claimed["record"]!["value"]!);

        platform.Dns.Set($"_validonx.{host}", (string)claimed["record"]!["value"]!);
        Assert.Equal("other_value", (string?)(await VerifyAsync(squatter, squatted))["problem"]);
        Assert.True((bool)(await VerifyAsync(owner, claimed))["verified"]!);
        platform.Dns.Set($"_validonx.{host}", (string)squatted["record"]!["value"]!);
        (await squatter.Owner.PostAsync($"{Path}/{squatted["id"]}/verify")).ShouldBe(409, "RESOURCE.CONFLICT");

        // Once its owner has given it up, it is whose the DNS says.
        (await owner.Owner.DeleteAsync($"{Path}/{claimed["id"]}")).ShouldBe(200);
        (await owner.Owner.DeleteAsync($"{Path}/{claimed["id"]}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        Assert.True((bool)(await VerifyAsync(squatter, squatted))["verified"]!);
    }

    [Fact]
    public async Task Of_two_who_prove_a_host_at_once_one_has_it()
    {
        var tenants = new[] { await platform.CreateTenantAsync(), await platform.CreateTenantAsync() };
        var host = NewHost();
        var added = new[] { await AddAsync(tenants[0].Owner, host), await AddAsync(tenants[1].Owner, host) };
        platform.Dns.Set($"_validonx.{host}", [.. added.Select(one => (string)one["record"]!["value"]!)]);

        var answers = await Task.WhenAll(tenants.Zip(added, (tenant, one) => tenant.Owner.PostAsync($"{Path}/{one["id"]}/verify")));

        Assert.Equal([200, 409], answers.Select(answer => answer.Status).Order());
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM domains WHERE host = @host AND verified_at IS NOT NULL", new { host }));
    }

    [Fact]
    public async Task Name_servers_that_fail_are_an_answer_and_no_error_of_ours()
    {
        var tenant = await platform.CreateTenantAsync();
        var added = await AddAsync(tenant.Owner, NewHost());
        platform.Dns.Break($"_validonx.{added["host"]}");

        var verification = await VerifyAsync(tenant, added);

        Assert.Equal((false, "no_answer"), ((bool)verification["verified"]!, (string?)verification["problem"]));
    }

    [Fact]
    public async Task Name_servers_that_say_nothing_are_waited_for_a_bounded_time()
    {
        await using var dns = new TestDns();
        dns.Break("_validonx.silent.example", isSilent: true);
        dns.Set("_validonx.long.example", new string('a', 290));
        using var lookup = new RecordLookup(
            Options.Create(new DomainOptions { NameServers = { dns.Address }, LookupTimeout = TimeSpan.FromMilliseconds(200) }), NullLogger<RecordLookup>.Instance);

        var silent = await lookup.FindAsync(Guid.NewGuid(), "_validonx.silent.example", Cancellation).WaitAsync(Until.Patience, Cancellation);

        Assert.False(silent.Value!.HasAnswered);
        Assert.Equal([new string('a', 290)], (await lookup.FindAsync(Guid.NewGuid(), "_validonx.long.example", Cancellation)).Value!.Texts);
    }

    [Fact]
    public async Task A_tenant_whose_name_servers_say_nothing_looks_up_one_host_at_a_time_and_holds_up_nobody_else()
    {
        await using var dns = new TestDns();
        dns.Break("_validonx.silent.example", isSilent: true);
        dns.Set("_validonx.good.example", "here");
        using var lookup = new RecordLookup(
            Options.Create(new DomainOptions { NameServers = { dns.Address }, LookupTimeout = TimeSpan.FromSeconds(20), ConcurrentLookups = 2 }), NullLogger<RecordLookup>.Instance);
        var (slow, other) = (Guid.NewGuid(), Guid.NewGuid());
        using var gone = new CancellationTokenSource();
        var waiting = lookup.FindAsync(slow, "_validonx.silent.example", gone.Token);

        for (var i = 0; i < 3; i++)
        {
            Assert.Same(RecordLookup.OneAtATime, (await lookup.FindAsync(slow, "_validonx.good.example", Cancellation)).Refusal);
            Assert.Equal(["here"], (await lookup.FindAsync(other, "_validonx.good.example", Cancellation)).Value!.Texts);
        }

        // Those of several tenants at once are few, too.
        var second = lookup.FindAsync(Guid.NewGuid(), "_validonx.silent.example", gone.Token);
        Assert.Equal(503, (await lookup.FindAsync(other, "_validonx.good.example", Cancellation)).Refusal!.Status);

        // Who hangs up gives the place back.
        await gone.CancelAsync();
        await Until.TrueAsync(() => waiting.IsCompleted && second.IsCompleted);
        Assert.Equal(["here"], (await lookup.FindAsync(slow, "_validonx.good.example", Cancellation)).Value!.Texts);
    }

    [Fact]
    public async Task An_operator_takes_a_host_away_from_the_tenant_that_had_proved_it_and_its_new_owner_gets_it()
    {
        var (former, owner) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var host = NewHost();
        var (had, wanted) = (await AddAsync(former.Owner, host), await AddAsync(owner.Owner, host));
        platform.Dns.Set($"_validonx.{host}", (string)had["record"]!["value"]!);
        Assert.True((bool)(await VerifyAsync(former, had))["verified"]!);
        platform.Dns.Set($"_validonx.{host}", (string)wanted["record"]!["value"]!);
        (await owner.Owner.PostAsync($"{Path}/{wanted["id"]}/verify")).ShouldBe(409, "RESOURCE.CONFLICT");

        var list = $"/v1/admin/tenants/{former.Id}/domains";
        Assert.Equal((host, "verified"), ((string)(await platform.Operator().GetAsync(list)).ShouldBe(200).Data[0]!["host"]!, (string)(await platform.Operator().GetAsync(list)).Data[0]!["status"]!));
        (await platform.Operator().DeleteAsync($"/v1/admin/tenants/{owner.Id}/domains/{had["id"]}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await platform.Operator().GetAsync($"/v1/admin/tenants/{Guid.NewGuid()}/domains")).ShouldBe(404, "TENANT.NOT_FOUND");
        (await former.Owner.DeleteAsync($"{list}/{had["id"]}")).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        (await platform.Operator().DeleteAsync($"{list}/{had["id"]}")).ShouldBe(200);

        Assert.Empty((await former.Owner.GetAsync(Path)).ShouldBe(200).Data.AsArray());
        Assert.True((bool)(await VerifyAsync(owner, wanted))["verified"]!);
        var entry = (await platform.Operator().GetAsync($"/v1/admin/audit-logs?target={had["id"]}&action=domain.removed")).ShouldBe(200).Data[0]!;
        Assert.Equal(("operator", former.Id.ToString(), host), ((string)entry["actor"]!["kind"]!, (string)entry["tenant_id"]!, (string)entry["before"]!["host"]!));
    }

    [Theory]
    [InlineData("203.0.113.9")]
    [InlineData("acme")]
    [InlineData("acme.example:80")]
    [InlineData("https://acme.example")]
    [InlineData("acme.localhost")]
    public async Task A_host_that_cannot_be_a_tenants_is_refused(string host)
    {
        var tenant = await platform.CreateTenantAsync();
        var refused = (await tenant.Owner.PostAsync(Path, new { host })).ShouldBe(422, "VALIDATION.FAILED");
        Assert.Single(refused.Details["host"]!.AsArray());
    }

    [Fact]
    public async Task A_tenant_has_ten_domains_at_most_and_each_once()
    {
        var tenant = await platform.CreateTenantAsync();
        var host = NewHost();
        await AddAsync(tenant.Owner, host);
        (await tenant.Owner.PostAsync(Path, new { host = host.ToUpperInvariant() })).ShouldBe(409, "RESOURCE.CONFLICT");

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => tenant.Owner.PostAsync(Path, new { host = NewHost() })));

        Assert.Equal(9, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.ShouldBe(409, "RESOURCE.CONFLICT"));
        var page = (await tenant.Owner.GetAsync($"{Path}?limit=7")).ShouldBe(200);
        Assert.Equal(7, page.Data.AsArray().Count);
    }

    [Fact]
    public async Task Only_admins_say_where_a_tenants_pages_are_and_nobody_sees_anothers()
    {
        var (tenant, other) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var added = await AddAsync(tenant.User(TenantRole.Admin), NewHost());
        (await tenant.User(TenantRole.Developer).PostAsync(Path, new { host = NewHost() })).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        (await other.Owner.PostAsync($"{Path}/{added["id"]}/verify")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await other.Owner.DeleteAsync($"{Path}/{added["id"]}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        Assert.Empty((await other.Owner.GetAsync(Path)).ShouldBe(200).Data.AsArray());
    }

    internal static string NewHost() => $"h{Guid.NewGuid():N}.customer.example";

    private static async Task<JsonNode> AddAsync(ApiCaller caller, string host) =>
        (await caller.PostAsync(Path, new { host })).ShouldBe(201).Data["domain"]!;

    private static async Task<JsonNode> VerifyAsync(LicensedTenant tenant, JsonNode domain) =>
        (await tenant.Owner.PostAsync($"{Path}/{domain["id"]}/verify")).ShouldBe(200).Data;
}
