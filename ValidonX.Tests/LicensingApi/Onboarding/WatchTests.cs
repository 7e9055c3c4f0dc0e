using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Onboarding;
using ValidonX.Platform.Databases;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.Gateway;
using ValidonX.Tests.LicensingApi.Accounts;

namespace ValidonX.Tests.LicensingApi.Onboarding;

/// <summary>Who watches a provisioning does so through a gateway: event by event, over cuts, by the hundred, and without taking anybody else's place.</summary>
[Collection(LicensingCollection.Name)]
public sealed class WatchTests(LicensingPlatform platform)
{
    [Fact]
    public async Task A_stream_passes_the_gateway_event_by_event_says_that_it_is_there_and_goes_on_after_a_cut()
    {
        await using var api = await StartApiAsync();
        await using var gateway = await StartGatewayAsync(api);
        var user = await TestUser.CreateAsync(platform);
        var id = await SignUpAsync(gateway, user);

        await SetStageAsync(id, 1, "running");
        await using (var first = await OpenAsync(gateway, user, id))
        {
            Assert.Equal("text/event-stream", first.Response.Content.Headers.ContentType!.MediaType);
            Assert.Equal("no", first.Response.Headers.GetValues("X-Accel-Buffering").Single());
            Assert.Equal(("1.1.1", "stage", "running"), await first.NextAsync());
            await first.HeartbeatsAsync(2);
            await SetStageAsync(id, 1, "succeeded");
            Assert.Equal("1.1.3", (await first.NextAsync()).Id);
        }

        await SetStageAsync(id, 2, "succeeded");
        await using (var second = await OpenAsync(gateway, user, id, "1.1.3"))
        {
            Assert.Equal("2.1.3", (await second.NextAsync()).Id);
            await EndAsync(id);
            Assert.Equal([.. Enumerable.Range(3, 10).Select(number => $"{number}.1.3"), "13.0.3"], (await second.ToEndAsync()).Select(told => told.Id));
        }

        await using var last = await OpenAsync(gateway, user, id, "13.0.3", HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_hundred_watchers_cost_one_look_at_a_time_and_no_connection_of_the_database()
    {
        // Eight connections are enough for all of them, and for everybody else.
        await using var api = await StartApiAsync(builder => builder.Configuration["ConnectionStrings:platform"] += ";Maximum Pool Size=8;Connection Timeout=30");
        await using var gateway = await StartGatewayAsync(api, ("Gateway:Admission:WatchesPerUser", "200"), ("Gateway:Admission:AnonymousRequests", "20"));
        var user = await TestUser.CreateAsync(platform);
        var id = await SignUpAsync(gateway, user);
        using var looks = new Looks();
        var streams = new List<EventStream>();
        foreach (var ten in Enumerable.Range(0, 100).Chunk(10))
        {
            streams.AddRange(await Task.WhenAll(ten.Select(_ => OpenAsync(gateway, user, id))));
        }

        var (began, before) = (Stopwatch.StartNew(), looks.Count);
        for (var number = 1; number <= 4; number++)
        {
            await SetStageAsync(id, number, "succeeded");
            await Task.WhenAll(streams.Select(stream => stream.NextAsync()));
            (await CallerOf(gateway, user).GetAsync("/v1/account/profile")).ShouldBe(200);
        }

        // Twice a second, and once more at each end.
        Assert.InRange(looks.Count - before, 1, (began.Elapsed.TotalSeconds * 2) + 2);
        await EndAsync(id);
        foreach (var told in await Task.WhenAll(streams.Select(stream => stream.ToEndAsync())))
        {
            Assert.Equal((9, "13.0.3"), (told.Count, told[^1].Id));
        }

        await Task.WhenAll(streams.Select(stream => stream.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Streams_take_no_place_of_requests_and_one_user_has_only_so_many()
    {
        await using var api = await StartApiAsync();
        await using var gateway = await StartGatewayAsync(api, ("Gateway:Admission:WatchesPerUser", "2"), ("Gateway:Admission:TenantShare", "0.001"), ("Gateway:Admission:AnonymousRequests", "1"));
        var (user, other) = (await TestUser.CreateAsync(platform), await TestUser.CreateAsync(platform));
        var (id, others) = (await SignUpAsync(gateway, user), await SignUpAsync(gateway, other));
        await using var first = await OpenAsync(gateway, user, id);
        await using var second = await OpenAsync(gateway, user, id);

        await using var third = await OpenAsync(gateway, user, id, expected: HttpStatusCode.ServiceUnavailable);
        (await CallerOf(gateway, user).GetAsync("/v1/account/profile")).ShouldBe(200);
        await using var elsewhere = await OpenAsync(gateway, other, others);

        await second.DisposeAsync();
        await Until.TrueAsync(async () =>
        {
            using var again = await AskAsync(gateway, user, id, null);
            return again.StatusCode == HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task A_watcher_who_takes_nothing_is_cut_off()
    {
        var user = await TestUser.CreateAsync(platform);
        var id = (string)(await user.Here.PostAsync("/v1/onboarding/provision", new { name = $"Acme {Guid.NewGuid():N}"[..20] })).ShouldBe(202).Data["tenant"]!["id"]!;
        await SetStageAsync(id, 1, "running");
        var services = platform.Replicas[0].Services;
        var context = new DefaultHttpContext
        {
            RequestServices = new ServiceCollection()
                .AddSingleton(Options.Create(new OnboardingOptions { WatcherPatience = TimeSpan.FromMilliseconds(100) }))
                .AddSingleton(TimeProvider.System)
                .AddSingleton(services.GetRequiredService<IHostApplicationLifetime>())
                .BuildServiceProvider(),
        };
        using var lifetime = new AbortNoted();
        var response = new CompletedByHand();
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        context.Features.Set<IHttpResponseFeature>(response);
        context.Response.Body = new TakesNothing();

        var stream = await ServerSentEvents.StreamAsync(context, services.GetRequiredService<ProvisioningWatch>(), Guid.Parse(id));
        await stream.ExecuteAsync(context).WaitAsync(Until.Patience, TestContext.Current.CancellationToken);

        await response.CompleteAsync();
        Assert.True(lifetime.IsAborted);
    }

    [Fact]
    public async Task A_stream_ends_by_itself_after_a_while_and_with_its_process()
    {
        var user = await TestUser.CreateAsync(platform);
        EventStream cut;
        await using (var api = await StartApiAsync(longest: TimeSpan.FromSeconds(1)))
        {
            await using var gateway = await StartGatewayAsync(api);
            var id = await SignUpAsync(gateway, user);
            await using (var stream = await OpenAsync(gateway, user, id))
            {
                Assert.Empty(await stream.ToEndAsync());
            }

            await using var lasting = await StartApiAsync();
            await using var other = await StartGatewayAsync(lasting);
            cut = await OpenAsync(other, user, id);
        }

        // Its API and its gateway have stopped, without waiting for it.
        await Assert.ThrowsAnyAsync<Exception>(cut.NextAsync);
        await cut.DisposeAsync();
    }

    private Task<LicensingApiUnderTest> StartApiAsync(Action<WebApplicationBuilder>? configure = null, TimeSpan? longest = null) =>
        LicensingApiUnderTest.StartAsync(platform, configure: builder =>
        {
            builder.Services.PostConfigure<OnboardingOptions>(options =>
            {
                options.Heartbeat = TimeSpan.FromMilliseconds(200);
                options.LongestWatch = longest ?? options.LongestWatch;
            });
            configure?.Invoke(builder);
        });

    private Task<GatewayUnderTest> StartGatewayAsync(LicensingApiUnderTest api, params (string Name, string Value)[] settings)
    {
        var (login, secrets) = (platform.Databases.Server.Login, platform.Databases.Secrets);
        var all = new Dictionary<string, string>
        {
            ["ConnectionStrings:platform"] = new System.Data.Common.DbConnectionStringBuilder
            {
                ["Server"] = login.Host,
                ["Port"] = login.Port,
                ["User ID"] = DatabaseAccount.Gateway,
                ["Password"] = secrets.GatewayDatabasePassword,
                ["Database"] = PlatformDatabase.Name,
            }.ConnectionString,
            ["ConnectionStrings:redis"] = platform.Redis.ConnectionString,
            ["Secrets:ApiKeyPepper"] = secrets.ApiKeyPepper!,
            ["Secrets:ContextSigningKey"] = secrets.ContextSigningKey!,
        };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return GatewayUnderTest.StartAsync(all, [api.Address]);
    }

    private static Caller CallerOf(GatewayUnderTest gateway, TestUser user) => new(gateway.Client, user.Token.Reveal(), null);

    private static async Task<string> SignUpAsync(GatewayUnderTest gateway, TestUser user) =>
        (string)(await CallerOf(gateway, user).PostAsync("/v1/onboarding/provision", new { name = $"Acme {Guid.NewGuid():N}"[..20] })).ShouldBe(202).Data["tenant"]!["id"]!;

    private static async Task<HttpResponseMessage> AskAsync(GatewayUnderTest gateway, TestUser user, string tenantId, string? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/onboarding/provision/{tenantId}/events");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", user.Token.Reveal());
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        return await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    private static async Task<EventStream> OpenAsync(GatewayUnderTest gateway, TestUser user, string tenantId, string? lastEventId = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var response = await AskAsync(gateway, user, tenantId, lastEventId);
        Assert.Equal(expected, response.StatusCode);
        return await EventStream.OfAsync(response);
    }

    private Task SetStageAsync(string tenantId, int number, string status) =>
        platform.ExecuteAsync(
            """
            UPDATE provisioning_stages s JOIN provisioning_runs r ON r.id = s.run_id
            SET s.status = @status, s.attempts = 1, s.started_at = UTC_TIMESTAMP(6) WHERE r.tenant_id = @tenantId AND s.number = @number
            """,
            new { tenantId, number, status });

    private Task EndAsync(string tenantId) =>
        platform.ExecuteAsync(
            """
            UPDATE provisioning_stages s JOIN provisioning_runs r ON r.id = s.run_id
            SET s.status = 'succeeded', s.attempts = GREATEST(s.attempts, 1), r.status = 'succeeded' WHERE r.tenant_id = @tenantId
            """,
            new { tenantId });

    /// <summary>Counts how often runs that are watched are looked at, by the client of the database itself.</summary>
    private sealed class Looks : IDisposable
    {
        private readonly ActivityListener _listener;
        private int _count;

        public Looks()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "MySqlConnector",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = activity =>
                {
                    if ((activity.GetTagItem("db.query.text") ?? activity.GetTagItem("db.statement")) is string text && text.Contains("FROM provisioning_stages s JOIN", StringComparison.Ordinal) && text.StartsWith("SELECT tenant_id, id", StringComparison.Ordinal))
                    {
                        Interlocked.Increment(ref _count);
                    }
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public int Count => Volatile.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }

    private sealed class AbortNoted : IHttpRequestLifetimeFeature, IDisposable
    {
        private readonly CancellationTokenSource _aborted = new();

        public bool IsAborted => _aborted.IsCancellationRequested;

        public CancellationToken RequestAborted
        {
            get => _aborted.Token;
            set => throw new NotSupportedException();
        }

        public void Abort() => _aborted.Cancel();

        public void Dispose() => _aborted.Dispose();
    }

    /// <summary>What a server does at the end of a request: who watched does so no more.</summary>
    private sealed class CompletedByHand : HttpResponseFeature
    {
        private readonly List<Func<Task>> _completed = [];

        public override void OnCompleted(Func<object, Task> callback, object state) => _completed.Add(() => callback(state));

        public async Task CompleteAsync()
        {
            foreach (var complete in _completed)
            {
                await complete();
            }
        }
    }

    /// <summary>A connection whose other end reads nothing: every write waits until it is given up.</summary>
    private sealed class TakesNothing : MemoryStream
    {
        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => new(Task.Delay(Timeout.Infinite, cancellationToken));

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
