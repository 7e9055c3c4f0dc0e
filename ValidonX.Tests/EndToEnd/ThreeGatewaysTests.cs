using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.EndToEnd;

/// <summary>
/// One quota over three gateway processes, with Redis there, stopped, frozen and killed (CONTRACT §4, DESIGN §5). Windows follow Redis's
/// clock, which here is this machine's: a call that was sent and answered within one window was counted in it.
/// </summary>
public sealed class ThreeGatewaysTests : IClassFixture<ThreeGatewaysTests.OwnStack>
{
    private const int Quota = 200;
    private const int PeriodSeconds = 5;

    private readonly Stack _stack;

    public ThreeGatewaysTests(OwnStack own) => _stack = own.Stack;

    [Fact]
    public async Task A_steady_caller_gets_at_least_95_percent_of_its_quotas_and_never_more_than_all()
    {
        var load = await LoadAsync(windows: 4, _ => Task.CompletedTask);

        load.AssertNeverAboveQuota();
        var whole = load.WholeWindows();
        Assert.True(whole.Count >= 2, $"Only {whole.Count} whole windows were seen.");
        // Together: on a busy machine a call that was sent in one window may be judged in the next.
        Assert.True(whole.Sum() >= whole.Count * Quota * 95 / 100, $"Windows of {Quota} admitted {string.Join(", ", whole)}.");
        Assert.Equal([200, 429], load.Statuses.Keys.Order());
    }

    [Fact]
    public async Task Without_redis_the_gateways_go_on_within_the_quota_say_so_and_recover_by_themselves()
    {
        var load = await LoadAsync(windows: 6, async second =>
        {
            if (second == 7)
            {
                await CommandAsync(KnownResourceCommands.StopCommand);
                await HealthAsync("degraded");
            }
            else if (second == 20)
            {
                await CommandAsync(KnownResourceCommands.StartCommand);
                await HealthAsync("healthy");
            }
        });

        AssertNoOutage(load);
    }

    [Fact]
    public async Task A_redis_that_hangs_costs_no_caller_an_error()
    {
        var pid = RedisPid();
        try
        {
            var load = await LoadAsync(windows: 5, async second =>
            {
                if (second == 7)
                {
                    await Signals.SendAsync(pid, "STOP");
                    await HealthAsync("degraded");
                }
                else if (second == 16)
                {
                    await Signals.SendAsync(pid, "CONT");
                    await HealthAsync("healthy");
                }
            });

            AssertNoOutage(load);
        }
        finally
        {
            await Signals.SendAsync(pid, "CONT");
        }
    }

    [Fact]
    public async Task A_redis_that_is_killed_and_comes_back_empty_never_lets_a_quota_be_passed()
    {
        await HealthAsync("healthy");
        var load = await LoadAsync(windows: 5, async second =>
        {
            if (second == 8)
            {
                await Signals.SendAsync(RedisPid(), "KILL");
            }
        });

        AssertNoOutage(load);
        await HealthAsync("healthy");
    }

    [Fact]
    public async Task What_is_revoked_while_redis_hangs_is_refused_on_every_gateway_before_the_call_returns()
    {
        var tenant = await _stack.CreateTenantAsync("enterprise");
        (await _stack.Operator.PutAsync($"/v1/admin/tenants/{tenant.Id}/rate-limits", new { key = new { requests = 10_000_000, period_seconds = 60 } })).ShouldBe(200);
        var license = await tenant.CreateLicenseAsync();
        var created = (await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "second" })).ShouldBe(201);
        Caller[] apps = [.. _stack.Gateways.Select(gateway => new Caller(gateway, null, (string)created.Data["key"]!))];
        var pid = RedisPid();
        using var stop = new CancellationTokenSource();
        var calls = Task.CompletedTask;
        try
        {
            await EveryGatewayAsync(200);
            await Signals.SendAsync(pid, "STOP");
            await HealthAsync("coherence", "degraded");
            // Callers keep every value in use the whole time, which is when the old one would stay.
            calls = Task.WhenAll(apps.Select(app => Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await app.ValidateAsync(license.Key);
                }
            })));
            await EveryGatewayAsync(200);

            // Nobody has confirmed it, and the answer says so; for all that it is in force wherever Redis is as far away as here.
            ShouldBeCommitted(await tenant.Owner.PostAsync($"/v1/tenant/licenses/{license.Id}/revoke"));
            await EveryGatewayAsync(403);
            ShouldBeCommitted(await tenant.Owner.DeleteAsync($"/v1/tenant/api-keys/{(string)created.Data["id"]!}"));
            await EveryGatewayAsync(401);
        }
        finally
        {
            await Signals.SendAsync(pid, "CONT");
            await stop.CancelAsync();
            await calls;
        }

        await HealthAsync("coherence", "healthy");
        await EveryGatewayAsync(401);
        (await tenant.Owner.DeleteAsync($"/v1/tenant/api-keys/{(string)created.Data["id"]!}")).ShouldBe(200);

        static void ShouldBeCommitted(Answer answer)
        {
            answer.ShouldBe(503, "SERVER.UNAVAILABLE");
            Assert.True((bool)answer.Details["committed"]!);
        }

        async Task EveryGatewayAsync(int status)
        {
            foreach (var app in apps)
            {
                (await app.ValidateAsync(license.Key)).ShouldBe(status);
            }
        }
    }

    private static void AssertNoOutage(Load load)
    {
        Assert.All(load.Statuses.Keys, status => Assert.True(status is 200 or 429, $"A call was answered with {status}."));
        load.AssertNeverAboveQuota();

        // Never an outage: no whole window passes without calls being served.
        Assert.All(load.WholeWindows(), admitted => Assert.True(admitted > 0, "A whole window admitted nothing."));
    }

    /// <summary>Calls at half as much again as the quota allows, in turn over the gateways, while something happens each second.</summary>
    private async Task<Load> LoadAsync(int windows, Func<int, Task> eachSecond)
    {
        var tenant = await _stack.CreateTenantAsync("enterprise");
        var license = await tenant.CreateLicenseAsync();
        (await _stack.Operator.PutAsync($"/v1/admin/tenants/{tenant.Id}/rate-limits", new { key = new { requests = Quota, period_seconds = PeriodSeconds } })).ShouldBe(200);
        await Task.WhenAll(tenant.Apps.Select(app => app.ValidateAsync(license.Key)));

        var load = new Load();
        var calls = new List<Task>();
        var events = Task.CompletedTask;
        var started = Stopwatch.StartNew();
        var lastSecond = -1;
        var interval = TimeSpan.FromSeconds((double)PeriodSeconds / (Quota * 3 / 2));
        using var pace = new PeriodicTimer(interval);
        while (started.Elapsed < TimeSpan.FromSeconds(windows * PeriodSeconds))
        {
            await pace.WaitForNextTickAsync();
            // A busy machine skips ticks, and the load is the same all the same.
            while (calls.Count < started.Elapsed / interval)
            {
                calls.Add(load.CallAsync(tenant.Apps[calls.Count % tenant.Apps.Count], license.Key));
            }

            if ((int)started.Elapsed.TotalSeconds is var second && second != lastSecond)
            {
                lastSecond = second;
                events = Task.WhenAll(events, eachSecond(second));
            }
        }

        await Task.WhenAll(calls);
        await events;
        return load;
    }

    private async Task CommandAsync(string command)
    {
        var result = await _stack.App.ResourceCommands.ExecuteCommandAsync("redis", command);
        Assert.True(result.Success, $"{command}: {result.Message}");
    }

    private Task HealthAsync(string status) => HealthAsync("rate-limits", status);

    private Task HealthAsync(string check, string status) => Until.TrueAsync(
        async () =>
        {
            foreach (var gateway in _stack.Gateways)
            {
                var health = await new Caller(gateway, null, null).GetAsync("/health");
                if (health.Status != 200 || (string?)health.Data["checks"]![check]!["status"] != status)
                {
                    return false;
                }
            }

            return true;
        },
        $"every gateway calls its {check} {status}");

    private int RedisPid()
    {
        Assert.True(_stack.App.ResourceNotifications.TryGetCurrentState("redis", out var current));
        return Convert.ToInt32(current.Snapshot.Properties.Single(property => property.Name == "executable.pid").Value, CultureInfo.InvariantCulture);
    }

    /// <summary>Three gateways, one of everything else.</summary>
    public sealed class OwnStack : IAsyncLifetime
    {
        internal Stack Stack { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Stack = await Stack.StartAsync(gateways: 3, licensingApis: 1, provisioners: 1, databaseServers: 1);

        public ValueTask DisposeAsync() => Stack.DisposeAsync();
    }

    private sealed class Load
    {
        private readonly ConcurrentQueue<(long Sent, long Answered)> _admitted = new();

        public ConcurrentDictionary<int, int> Statuses { get; } = new();

        public async Task CallAsync(Caller app, string licenseKey)
        {
            var sent = Window();
            var answer = await app.ValidateAsync(licenseKey);
            Statuses.AddOrUpdate(answer.Status, 1, (_, count) => count + 1);
            if (answer.Status == 200)
            {
                _admitted.Enqueue((sent, Window()));
            }
        }

        /// <summary>No window counts more than its quota, and no run of windows more than theirs together.</summary>
        public void AssertNeverAboveQuota()
        {
            var (first, last) = (_admitted.Min(call => call.Sent), _admitted.Max(call => call.Answered));
            for (var from = first; from <= last; from++)
            {
                for (var to = from; to <= last; to++)
                {
                    Assert.InRange(_admitted.Count(call => call.Sent >= from && call.Answered <= to), 0, Quota * (to - from + 1));
                }
            }
        }

        /// <summary>The admitted calls of the windows that the load covered from beginning to end: all but the first and the last.</summary>
        public List<int> WholeWindows()
        {
            var (first, last) = (_admitted.Min(call => call.Sent), _admitted.Max(call => call.Answered));
            return [.. Enumerable.Range(1, (int)Math.Max(0, last - first - 1)).Select(n => _admitted.Count(call => call.Sent == first + n))];
        }

        private static long Window() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() / PeriodSeconds;
    }
}
