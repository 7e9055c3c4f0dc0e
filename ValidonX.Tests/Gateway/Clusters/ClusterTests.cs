using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using ValidonX.Coherence;
using ValidonX.Gateway.Clusters;
using ValidonX.Platform.Redis;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Gateway.Clusters;

[Collection(GatewayCollection.Name)]
public sealed class ClusterTests(GatewayPlatform platform)
{
    private const string Validate = "/v1/integration/licenses/ABCD/validate";

    [Fact]
    public async Task A_tenants_cluster_goes_before_its_plans_and_that_before_the_default()
    {
        var suffix = $"{Guid.NewGuid():N}"[..12];
        await using var shared = await Upstream.StartAsync();
        await using var ofPlan = await Upstream.StartAsync();
        await using var ofTenant = await Upstream.StartAsync();
        await platform.ExecuteAsync(
            "INSERT INTO plans (code, name, position, cluster) VALUES (@code, 'Own', 9, @cluster)",
            new { code = $"p-{suffix}", cluster = $"plan-{suffix}" });
        await using var gateway = await GatewayUnderTest.StartAsync(platform, [shared.Address], new Dictionary<string, string>
        {
            [$"Gateway:Clusters:plan-{suffix}:0"] = ofPlan.Address.ToString(),
            [$"Gateway:Clusters:tenant-{suffix}:0"] = ofTenant.Address.ToString(),
        });

        foreach (var (tenant, expected) in new[]
        {
            (await platform.TenantAsync(), shared),
            (await platform.TenantAsync($"p-{suffix}"), ofPlan),
            (await platform.TenantAsync($"p-{suffix}", cluster: $"tenant-{suffix}"), ofTenant),
            (await platform.TenantAsync(cluster: "not-configured"), shared),
        })
        {
            var before = expected.Requests.Count;
            using var answer = await gateway.SendAsync(HttpMethod.Post, Validate, await platform.KeyAsync(tenant));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(before + 1, expected.Requests.Count);
        }
    }

    [Fact]
    public async Task A_licensing_API_whose_address_says_https_is_spoken_to_over_TLS_and_must_prove_who_it_is()
    {
        using var certificates = new TestCertificates();
        await using var encrypted = await Upstream.StartAsync(certificate: certificates.Server);
        await using var plain = await Upstream.StartAsync();
        var key = await platform.KeyAsync(await platform.TenantAsync());

        foreach (var (authority, expected) in new[] { (certificates.AuthorityFile, HttpStatusCode.OK), (certificates.OtherAuthorityFile, HttpStatusCode.BadGateway) })
        {
            await using var gateway = await GatewayUnderTest.StartAsync(platform, [plain.Address], new Dictionary<string, string>
            {
                ["services:licensing-api:https:0"] = encrypted.Address.ToString(),
                ["Gateway:Forwarding:CertificateAuthority"] = authority,
            });

            using var answer = await gateway.SendAsync(HttpMethod.Post, Validate, key);

            Assert.Equal(expected, answer.StatusCode);
        }

        Assert.Equal("https", encrypted.Address.Scheme);
        Assert.Single(encrypted.Requests);
        Assert.Empty(plain.Requests);
    }

    [Fact]
    public async Task Stored_clusters_are_put_in_force_while_the_gateway_serves_and_bad_ones_are_not()
    {
        var name = $"live-{Guid.NewGuid():N}"[..14];
        await using var shared = await Upstream.StartAsync();
        await using var first = await Upstream.StartAsync(context => context.Response.WriteAsync("first"));
        await using var second = await Upstream.StartAsync(context => context.Response.WriteAsync("second"));
        await using var gateway = await GatewayUnderTest.StartAsync(
            platform,
            [shared.Address],
            new Dictionary<string, string> { ["Gateway:ReloadInterval"] = "01:00:00" });
        var key = await platform.KeyAsync(await platform.TenantAsync(cluster: name));

        try
        {
            await StoreAsync($"""["{first.Address}"]""");
            await Until.TrueAsync(async () => await AskAsync() == "first");

            await StoreAsync($"""["{second.Address}"]""");
            await Until.TrueAsync(async () => await AskAsync() == "second");

            foreach (var bad in new[] { "[]", "nonsense", """["ftp://x/"]""", """["not an address"]""" })
            {
                await StoreAsync(bad);
                Assert.Equal("second", await AskAsync());
            }

            await StoreAsync($"""["{first.Address}"]""");
            await Until.TrueAsync(async () => await AskAsync() == "first");
        }
        finally
        {
            await platform.ExecuteAsync("DELETE FROM gateway_clusters WHERE name = @name", new { name });
        }

        async Task StoreAsync(string destinations)
        {
            await platform.ExecuteAsync(
                """
                INSERT INTO gateway_clusters (name, destinations, updated_at) VALUES (@name, @destinations, UTC_TIMESTAMP(6))
                ON DUPLICATE KEY UPDATE destinations = VALUES(destinations)
                """,
                new { name, destinations });
            ((IWakeup)gateway.Services.GetService(typeof(IWakeup))!).Signal(ClusterReload.Channel);
        }

        async Task<string> AskAsync()
        {
            using var answer = await gateway.SendAsync(HttpMethod.Post, Validate, key);
            return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_tenant_moves_to_another_cluster_without_a_restart()
    {
        var name = $"move-{Guid.NewGuid():N}"[..14];
        await using var shared = await Upstream.StartAsync();
        await using var own = await Upstream.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            platform,
            [shared.Address],
            new Dictionary<string, string> { [$"Gateway:Clusters:{name}:0"] = own.Address.ToString() });
        var tenant = await platform.TenantAsync();
        var key = await platform.KeyAsync(tenant);
        using var before = await gateway.SendAsync(HttpMethod.Post, Validate, key);

        await platform.ExecuteAsync("UPDATE tenants SET cluster = @name WHERE id = @tenant", new { name, tenant });
        await gateway.InvalidateAsync(Invalidation.OfTenant(tenant));
        using var after = await gateway.SendAsync(HttpMethod.Post, Validate, key);

        Assert.Single(shared.Requests);
        Assert.Single(own.Requests);
    }

    [Fact]
    public async Task A_configuration_with_errors_ends_the_start_with_all_of_them()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => GatewayUnderTest.StartAsync(platform, [], new Dictionary<string, string>
        {
            ["Gateway:Clusters:one:0"] = "ftp://somewhere/",
            ["Gateway:Clusters:two:0"] = "http://a/?query=1",
            ["Gateway:Clusters:three:0"] = "http://same/",
            ["Gateway:Clusters:three:1"] = "http://same",
        }));

        Assert.Equal(3, failure.Failures.Count());
    }

    [Fact]
    public async Task Options_with_errors_end_the_start_with_a_sentence_for_each()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => GatewayUnderTest.StartAsync(platform, [], new Dictionary<string, string>
        {
            ["Gateway:Admission:TenantShare"] = "0",
            ["Gateway:Admission:MaximumRequests"] = "0",
            ["Gateway:Forwarding:MaximumAttempts"] = "0",
            ["Gateway:Resolution:BaseDomain"] = "not a domain",
            ["VALIDONX_API_RATE_LIMIT_PERIOD"] = "0",
        }));

        foreach (var option in new[] { "TenantShare", "MaximumRequests", "MaximumAttempts", "BaseDomain", "VALIDONX_API_RATE_LIMIT_PERIOD" })
        {
            Assert.Contains(option, failure.ToString(), StringComparison.Ordinal);
        }
    }
}
