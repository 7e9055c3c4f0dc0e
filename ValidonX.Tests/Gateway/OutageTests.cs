using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging;
using ValidonX.Platform.Accounts;
using ValidonX.Tests.Gateway.Routing;
using ValidonX.Tests.LicensingApi;

namespace ValidonX.Tests.Gateway;

/// <summary>A database server that dies under both services, and comes back.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private readonly LicensingPlatform _platform = new();

    public ValueTask InitializeAsync() => _platform.InitializeAsync();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task An_outage_is_quiet_and_short_and_every_refusal_tells_when_to_come_back()
    {
        // The two services log into one each, in the order in which they are built.
        var logs = new ConcurrentQueue<CapturedLog>();
        await using var servers = await BothServers.StartAsync(_platform, builder =>
        {
            var log = new CapturedLog();
            logs.Enqueue(log);
            builder.Logging.AddProvider(log);
        });
        var tenant = await _platform.CreateTenantAsync();
        var key = (string)(await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "all" })).ShouldBe(201).Data["key"]!;
        var admin = await BothServers.TokenAsync(_platform, TokenOwners.Admin, Guid.CreateVersion7(), Abilities.Admin);
        Assert.All(await CallAllAsync(servers, key, admin), status => Assert.True((int)status < 500, $"{status}"));

        await _platform.Databases.Server.KillAsync();
        var unlike = new ConcurrentBag<string>();
        var refused = 0;
        var end = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            while (end.Elapsed < TimeSpan.FromSeconds(4))
            {
                foreach (var request in Requests(key, admin))
                {
                    using var answer = await servers.Gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
                    Interlocked.Add(ref refused, answer.StatusCode == HttpStatusCode.ServiceUnavailable ? 1 : 0);
                    if ((int)answer.StatusCode >= 500 && (answer.StatusCode != HttpStatusCode.ServiceUnavailable || answer.Headers.RetryAfter is null))
                    {
                        unlike.Add($"{request.Method} {request.RequestUri} {answer.StatusCode} {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
                    }
                }
            }
        }));

        Assert.True(refused > 20, $"{refused}");
        Assert.True(unlike.IsEmpty, string.Join('\n', unlike.Take(5).Concat(logs.SelectMany(log => log.Warnings).Take(20))));
        Assert.All(logs, log => Assert.True(log.Warnings.Count <= 1, string.Join('\n', log.Warnings.Take(10))));

        await _platform.Databases.Server.StartAsync();
        var back = Stopwatch.StartNew();
        await Until.TrueAsync(async () => (await CallAllAsync(servers, key, admin)).All(status => (int)status < 500));
        Assert.True(back.Elapsed < TimeSpan.FromSeconds(10), $"{back.Elapsed}");
        for (var i = 0; i < 10; i++)
        {
            Assert.All(await CallAllAsync(servers, key, admin), status => Assert.True((int)status < 500, $"{status}"));
        }
    }

    private static async Task<IReadOnlyList<HttpStatusCode>> CallAllAsync(BothServers servers, string key, string admin)
    {
        var statuses = new List<HttpStatusCode>();
        foreach (var request in Requests(key, admin))
        {
            using var answer = await servers.Gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
            statuses.Add(answer.StatusCode);
        }

        return statuses;
    }

    /// <summary>Reads and writes, of known and unknown things, each of which needs the database.</summary>
    private static IEnumerable<HttpRequestMessage> Requests(string key, string admin)
    {
        yield return Request(HttpMethod.Post, $"/v1/integration/licenses/{Guid.NewGuid():N}/validate", key: key);
        yield return Request(HttpMethod.Post, "/v1/integration/activations", """{"license_key":"ABCDEF","instance_id":"one"}""", key);
        yield return Request(HttpMethod.Post, "/v1/integration/usage/record", """{"license_key":"ABCDEF","metric":"calls","quantity":1}""", key);
        yield return Request(HttpMethod.Get, "/v1/admin/tenants", token: admin);
        yield return Request(HttpMethod.Post, $"/v1/integration/licenses/{Guid.NewGuid():N}/validate", key: "vx_" + Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()) + Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()));
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string? body = null, string? key = null, string? token = null)
    {
        var request = new HttpRequestMessage(method, path);
        if (key is not null)
        {
            request.Headers.Add("X-API-Key", key);
        }

        if (token is not null)
        {
            request.Headers.Add("Authorization", $"Bearer {token}");
        }

        request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        return request;
    }
}
