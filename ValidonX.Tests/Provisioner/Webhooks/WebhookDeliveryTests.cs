using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ValidonX.Platform.Outbound;
using ValidonX.Platform.Webhooks;
using ValidonX.Provisioner.Webhooks;

namespace ValidonX.Tests.Provisioner.Webhooks;

/// <summary>The guarantee: what happened reaches each endpoint that asked for it, at least once, under one id, whatever the receiver, the network and our processes do; and nobody waits for somebody else's receiver.</summary>
public sealed class WebhookDeliveryTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>
{
    private static readonly (string, string) Loopback = ("Webhooks:AllowLoopback", "true");
    private static readonly (string, string) Often = ("Provisioner:Webhooks:Poll", "00:00:00.050");

    private readonly MovableClock _clock = new(DateTimeOffset.UtcNow);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_delivery_is_the_event_as_it_was_kept_signed_in_all_three_ways()
    {
        await using var receiver = await Receiver.StartAsync();
        using var worker = await StartAsync();
        var endpoint = await TestEndpoint.CreateAsync(fixture, receiver.Url);

        var id = Assert.Single(await endpoint.HappenAsync());
        await endpoint.UntilAsync("succeeded");

        var received = Assert.Single(receiver.All);
        Assert.Equal((id, "application/json; charset=utf-8", "ValidonX-Webhooks/1"), (received.Id, received.Headers["content-type"], received.Headers["user-agent"]));
        Assert.Equal(["id", "type", "version", "tenant_id", "created_at", "data"], received.Json.AsObject().Select(member => member.Key));
        Assert.Equal((id, "license.created", "1", endpoint.TenantId.ToString()),
            ((string)received.Json["id"]!, received.Type, (string)received.Json["version"]!, (string)received.Json["tenant_id"]!));
        Assert.True(Signatures.IsGood(received, endpoint.Keys.Secret));
        Assert.True(Signatures.IsGoodByKey(received, endpoint.Keys.PublicKey));
        Assert.True(Signatures.IsGoodPlainly(received, endpoint.Keys.Secret));
        Assert.Equal(2, Signatures.Count(received));
        Assert.False(Signatures.IsGood(received with { Body = received.Body.Replace("0", "1", StringComparison.Ordinal) }, endpoint.Keys.Secret));
        Assert.InRange(long.Parse(received.Headers["webhook-timestamp"], CultureInfo.InvariantCulture), _clock.Now.AddMinutes(-2).ToUnixTimeSeconds(), _clock.Now.AddMinutes(2).ToUnixTimeSeconds());
        Assert.DoesNotContain("traceparent", received.Headers.Keys);
        Assert.DoesNotContain("cookie", received.Headers.Keys);
        Assert.Equal("1|204", await endpoint.DeliveryAsync("attempts, response_status"));
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task An_event_that_is_written_again_is_one_and_goes_to_those_who_asked_for_it_only()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await TestEndpoint.CreateAsync(fixture, receiver.Url, events: ["license.created"]);
        var other = await TestEndpoint.CreateAsync(fixture, receiver.Url, endpoint.TenantId, events: ["license.revoked"]);
        var disabled = await TestEndpoint.CreateAsync(fixture, receiver.Url, endpoint.TenantId);
        await fixture.ExecuteAsync("UPDATE webhook_endpoints SET status = 'disabled' WHERE id = @Id", new { disabled.Id });
        var happened = new WebhookEvent(Guid.CreateVersion7(), endpoint.TenantId, "license.created", DateTimeOffset.UtcNow, []);
        using var worker = await StartAsync();
        for (var time = 1; time <= 3; time++)
        {
            var sql = new ValidonX.Platform.Databases.InterpolatedSql().Add(WebhookIntake.Statement(happened));
            await fixture.ExecuteAsync(sql.Text, sql.Parameters);
            await endpoint.UntilAsync("succeeded");
        }

        await other.HappenAsync(type: "license.revoked");
        await other.UntilAsync("succeeded");
        Assert.Equal([happened.PublicId], receiver.Of("license.created").Select(one => one.Id));
        Assert.Single(receiver.Of("license.revoked"));
        Assert.Equal(0, await fixture.QueryAsync<long>("SELECT COUNT(*) FROM webhook_deliveries WHERE endpoint_id = @Id", new { disabled.Id }));
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_failure_is_tried_again_after_each_pause_of_the_schedule_and_then_given_up()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, context) => Receiver.Status(context, 500);
        using var worker = await StartAsync();
        var endpoint = await TestEndpoint.CreateAsync(fixture, receiver.Url);
        await endpoint.HappenAsync(at: _clock.Now);

        foreach (var (index, pause) in RetrySchedule.Pauses.Index())
        {
            await UntilTriedAsync(endpoint, index + 1);
            var next = await fixture.QueryAsync<DateTimeOffset>("SELECT next_attempt_at FROM webhook_deliveries WHERE endpoint_id = @Id", new { endpoint.Id });
            Assert.InRange(next - _clock.Now, pause - TimeSpan.FromMilliseconds(1), (pause * 1.1) + TimeSpan.FromMilliseconds(1));
            // Not a moment before.
            _clock.Now = next.AddMilliseconds(-1);
            await Task.WhenAny(UntilTriedAsync(endpoint, index + 2), UntilIdleAsync(endpoint));
            Assert.Equal(index + 1, receiver.All.Count);
            _clock.Now = next;
        }

        await endpoint.UntilAsync("failed");
        Assert.Equal(10, receiver.All.Count);
        Assert.Single(receiver.All.Select(one => one.Id).Distinct());
        Assert.Equal(10, receiver.All.Select(one => one.Headers["webhook-timestamp"]).Distinct().Count());
        Assert.Equal("10|500", await endpoint.DeliveryAsync("attempts, response_status"));
        Assert.Equal("enabled|1", await endpoint.RowAsync("status, exhausted"));
        await worker.StopAsync(Cancellation);
    }

    [Theory]
    [InlineData("refused", "The connection was refused.")]
    [InlineData("nameless", "The host's name could not be resolved.")]
    [InlineData("inside", "The host has no address that may be called.")]
    [InlineData("no TLS", "No secure connection could be made: the certificate or the protocol is not good.")]
    [InlineData("slow", "There was no answer within 0.5 s.")]
    [InlineData("drip", "There was no answer within 0.5 s.")]
    [InlineData("no HTTP", "The answer was no HTTP, or ended too early.")]
    [InlineData("redirect", "Redirects are not followed.")]
    public async Task Whatever_goes_wrong_is_a_failure_that_is_told_and_tried_again(string what, string sentence)
    {
        using var server = new RawServer(what);
        var url = what switch
        {
            "refused" => $"http://127.0.0.1:{RawServer.UnusedPort()}/",
            "nameless" => "https://nameless.example/",
            // The name led elsewhere when it was registered.
            "inside" => $"https://rebound.example:{server.Port}/",
            "no TLS" => $"https://127.0.0.1:{server.Port}/",
            _ => $"http://127.0.0.1:{server.Port}/",
        };
        using var worker = await StartAsync(also: services => services.AddSingleton<HostLookup>((host, _) => host switch
        {
            "nameless.example" => throw new SocketException((int)SocketError.HostNotFound),
            "rebound.example" => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.0.0.7")]),
            _ => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
        }), more: ("Provisioner:Webhooks:Timeout", "00:00:00.500"));
        var endpoint = await TestEndpoint.CreateAsync(fixture, url);
        await endpoint.HappenAsync(at: _clock.Now);

        await UntilTriedAsync(endpoint, 1);

        Assert.Equal(sentence, await fixture.QueryAsync<string>("SELECT error FROM webhook_attempts a JOIN webhook_deliveries d ON d.id = a.delivery_id WHERE d.endpoint_id = @Id", new { endpoint.Id }));
        Assert.Equal("pending|1", await endpoint.DeliveryAsync("status, attempts"));
        Assert.Equal(what is "redirect" ? 1 : 0, server.Requests);
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task In_production_this_machine_is_not_called()
    {
        await using var receiver = await Receiver.StartAsync();
        using var worker = await StartAsync(more: ("Webhooks:AllowLoopback", "false"));
        var endpoint = await TestEndpoint.CreateAsync(fixture, receiver.Url);
        var hidden = await TestEndpoint.CreateAsync(fixture, receiver.Url.Replace("http://127.0.0.1", "https://localhost", StringComparison.Ordinal));
        await endpoint.HappenAsync(at: _clock.Now);
        await hidden.HappenAsync(at: _clock.Now);

        await UntilTriedAsync(endpoint, 1);
        await UntilTriedAsync(hidden, 1);

        Assert.Empty(receiver.All);
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_receiver_that_asks_for_time_gets_it_up_to_a_day()
    {
        await using var receiver = await Receiver.StartAsync();
        var wishes = new Queue<string>(["120", _clock.Now.AddHours(1).ToString("R", CultureInfo.InvariantCulture), "99999999"]);
        receiver.Answer = (_, context) =>
        {
            context.Response.Headers.RetryAfter = wishes.Dequeue();
            return Receiver.Status(context, 503);
        };
        using var worker = await StartAsync();
        var endpoint = await TestEndpoint.CreateAsync(fixture, receiver.Url);
        await endpoint.HappenAsync(at: _clock.Now);
        foreach (var (index, expected) in new[] { TimeSpan.FromSeconds(120), TimeSpan.FromHours(1), TimeSpan.FromHours(24) }.Index())
        {
            await UntilTriedAsync(endpoint, index + 1);
            var next = await fixture.QueryAsync<DateTimeOffset>("SELECT next_attempt_at FROM webhook_deliveries WHERE endpoint_id = @Id", new { endpoint.Id });
            Assert.InRange(next - _clock.Now, expected - TimeSpan.FromMinutes(6), expected + TimeSpan.FromSeconds(1));
            _clock.Now = next;
        }

        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_receiver_that_is_gone_is_left_alone_and_its_owners_are_told()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (received, context) => Receiver.Status(context, received.Path == "/gone" ? 410 : 204);
        using var worker = await StartAsync();
        var endpoint = await TestEndpoint.CreateAsync(fixture, receiver.Url.Replace("/hooks", "/gone?key=hidden", StringComparison.Ordinal), events: "license.created");
        var other = await TestEndpoint.CreateAsync(fixture, receiver.Url, endpoint.TenantId, events: "webhook.disabled");

        await endpoint.HappenAsync(at: _clock.Now);
        await endpoint.UntilAsync("failed");
        await other.UntilAsync("succeeded");
        await endpoint.HappenAsync();
        await other.HappenAsync(type: "webhook.disabled");
        await other.UntilAsync("succeeded", 2);

        Assert.Equal("disabled|gone", await endpoint.RowAsync("status, disabled_reason"));
        Assert.Equal(1, receiver.All.Count(one => one.Path == "/gone"));
        var told = receiver.Of("webhook.disabled")[0].Json["data"]!["webhook"]!;
        Assert.Equal((endpoint.Id.ToString(), "gone"), ((string)told["id"]!, (string)told["disabled_reason"]!));
        Assert.DoesNotContain("hidden", told.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(1, await fixture.QueryAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE subject_id = @Id AND action = 'webhook.disabled'", new { endpoint.Id }));
        Assert.Equal(
            1,
            await fixture.QueryAsync<long>(
                "SELECT COUNT(*) FROM outbox_mails WHERE recipient = @to AND subject = 'A webhook endpoint was disabled'", new { to = ProvisioningFixture.OwnerOf(endpoint.TenantId) }));
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_receiver_that_has_failed_whole_schedules_is_disabled_and_what_waits_waits_on()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, context) => Receiver.Status(context, 500);
        using var worker = await StartAsync(more: ("Provisioner:Webhooks:DisableAfter", "2"));
        var endpoint = await TestEndpoint.CreateAsync(fixture, receiver.Url);
        await endpoint.HappenAsync(2, at: _clock.Now);
        await endpoint.UntilAsync("pending", 2);
        await fixture.ExecuteAsync("UPDATE webhook_deliveries SET attempts = 9 WHERE endpoint_id = @Id", new { endpoint.Id });
        _clock.Now = _clock.Now.AddHours(1);

        await endpoint.UntilAsync("failed", 2);
        Assert.Equal("disabled|failing", await endpoint.RowAsync("status, disabled_reason"));
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Where_order_was_asked_for_a_failure_holds_up_what_is_behind_it()
    {
        await using var receiver = await Receiver.StartAsync();
        var fails = true;
        receiver.Answer = (_, context) => Receiver.Status(context, fails ? 500 : 204);
        using var worker = await StartAsync();
        var endpoint = await TestEndpoint.CreateAsync(fixture, receiver.Url, ordered: true);
        var ids = await endpoint.HappenAsync(30, at: _clock.Now);
        await UntilTriedAsync(endpoint, 1);
        await UntilIdleAsync(endpoint);
        Assert.Equal([ids[0]], receiver.All.Select(one => one.Id));

        fails = false;
        _clock.Now = _clock.Now.AddSeconds(10);
        await endpoint.UntilAsync("succeeded", 30);

        Assert.Equal([ids[0], .. ids], receiver.All.Select(one => one.Id));
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Dead_and_slow_receivers_and_ten_thousand_events_of_a_tenant_hold_up_nobody_else()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var slow = await Receiver.StartAsync();
        slow.Answer = async (_, context) => await Task.Delay(TimeSpan.FromSeconds(3), context.RequestAborted);
        var noisy = await TestEndpoint.CreateAsync(fixture, slow.Url);
        foreach (var _ in Enumerable.Range(0, 11))
        {
            await TestEndpoint.CreateAsync(fixture, slow.Url, noisy.TenantId);
        }

        await noisy.HappenAsync(10_000);
        using var worker = await StartAsync(more: [("Provisioner:Webhooks:AtOnce", "12"), ("Provisioner:Webhooks:PerTenant", "8"), ("Provisioner:Webhooks:Timeout", "00:00:03")]);
        await Until.TrueAsync(() => slow.All.Count >= 8, "the noisy tenant is being served");
        var others = new List<TestEndpoint>();
        foreach (var _ in Enumerable.Range(0, 5))
        {
            others.Add(await TestEndpoint.CreateAsync(fixture, receiver.Url));
        }

        var began = System.Diagnostics.Stopwatch.StartNew();
        foreach (var other in others)
        {
            await other.HappenAsync();
        }

        foreach (var other in others)
        {
            await other.UntilAsync("succeeded");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"Five others were served after {began.ElapsedMilliseconds} ms, when the noisy tenant's first receiver had had {await noisy.CountAsync("succeeded")} of 10 000.");
        Assert.Equal(5, receiver.All.Count);
        Assert.True(slow.All.Count < 1_000);
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_worker_killed_in_the_middle_of_a_delivery_leaves_it_to_another_under_the_same_id()
    {
        await using var receiver = await Receiver.StartAsync();
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        receiver.Answer = async (_, context) =>
        {
            // It has the event, and nobody can know.
            arrived.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        var endpoint = await TestEndpoint.CreateAsync(fixture, receiver.Url);
        var id = Assert.Single(await endpoint.HappenAsync());
        await using (WorkerProcess.Start(fixture.Configuration(Loopback, Often)))
        {
            await arrived.Task.WaitAsync(Until.Patience, Cancellation);
        }

        receiver.Answer = (_, context) => Receiver.Status(context, 204);
        Assert.Equal("pending|0", await endpoint.DeliveryAsync("status, attempts"));
        // As if the lease were over.
        _clock.Now = DateTimeOffset.UtcNow;
        await fixture.ExecuteAsync("UPDATE webhook_endpoints SET lease_until = created_at WHERE id = @Id", new { endpoint.Id });
        using var next = await StartAsync();
        await endpoint.UntilAsync("succeeded");

        Assert.Equal([id, id], receiver.All.Select(one => one.Id));
        await next.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Workers_killed_at_random_instants_lose_nothing_and_send_again_no_more_than_they_had_in_hand()
    {
        const int Endpoints = 10, Events = 40, Kills = 8;
        await using var receiver = await Receiver.StartAsync();
        var (random, endpoints) = (new Random(20261126), new List<TestEndpoint>());
        foreach (var _ in Enumerable.Range(0, Endpoints))
        {
            endpoints.Add(await TestEndpoint.CreateAsync(fixture, receiver.Url));
        }

        var expected = new List<string>();
        foreach (var endpoint in endpoints)
        {
            expected.AddRange(await endpoint.HappenAsync(Events));
        }

        for (var kill = 0; kill < Kills; kill++)
        {
            var more = Math.Min(receiver.All.Count + random.Next(1, 60), Endpoints * Events);
            await using (WorkerProcess.Start(fixture.Configuration(Loopback, Often)))
            {
                await Until.TrueAsync(() => receiver.All.Count >= more, "some deliveries were made");
                await Task.Yield();
            }

            // As if the leases were over.
            await fixture.ExecuteAsync("UPDATE webhook_endpoints SET lease_until = created_at WHERE lease_until IS NOT NULL");
        }

        _clock.Now = DateTimeOffset.UtcNow;
        using var worker = await StartAsync();
        foreach (var endpoint in endpoints)
        {
            await endpoint.UntilAsync("succeeded", Events);
        }

        Assert.Equal(expected.Order(StringComparer.Ordinal), receiver.All.Select(one => one.Id).Distinct().Order(StringComparer.Ordinal));
        Assert.InRange(receiver.All.Count, expected.Count, expected.Count + (Kills * Endpoints * 4));
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Several_workers_serve_an_endpoint_one_at_a_time_and_deliver_everything_once()
    {
        await using var receiver = await Receiver.StartAsync();
        var endpoint = await TestEndpoint.CreateAsync(fixture, receiver.Url, ordered: true);
        var ids = await endpoint.HappenAsync(120);
        using var first = await StartAsync();
        using var second = await StartAsync();

        await endpoint.UntilAsync("succeeded", 120);

        Assert.Equal(ids, receiver.All.Select(one => one.Id));
        await first.StopAsync(Cancellation);
        await second.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_suspended_tenant_is_still_told_and_a_closed_one_is_not()
    {
        await using var receiver = await Receiver.StartAsync();
        var suspended = await TestEndpoint.CreateAsync(fixture, receiver.Url, await TestEndpoint.TenantAsync(fixture, "suspended"));
        var closed = await TestEndpoint.CreateAsync(fixture, receiver.Url, await TestEndpoint.TenantAsync(fixture, "closed"));
        using var worker = await StartAsync();
        await closed.HappenAsync();
        await suspended.HappenAsync();

        await suspended.UntilAsync("succeeded");
        await Until.TrueAsync(async () => await fixture.QueryAsync<long>("SELECT COUNT(*) FROM webhook_events WHERE tenant_id = @TenantId AND pending = 1", new { closed.TenantId }) == 0, "the closed tenant's event is done with");

        Assert.Equal(suspended.TenantId.ToString(), (string)Assert.Single(receiver.All).Json["tenant_id"]!);
        Assert.Equal(0, await closed.CountAsync("pending"));
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task What_was_kept_for_long_enough_and_what_was_of_deleted_endpoints_goes()
    {
        await using var receiver = await Receiver.StartAsync();
        using var worker = await StartAsync(more: ("Provisioner:UpkeepInterval", "00:00:00.050"));
        var (old, deleted, young) = (await TestEndpoint.CreateAsync(fixture, receiver.Url), await TestEndpoint.CreateAsync(fixture, receiver.Url), await TestEndpoint.CreateAsync(fixture, receiver.Url));
        foreach (var endpoint in new[] { old, deleted, young })
        {
            await endpoint.HappenAsync();
            await endpoint.UntilAsync("succeeded");
        }

        await fixture.ExecuteAsync("UPDATE webhook_deliveries SET created_at = @at, updated_at = @at WHERE endpoint_id = @Id", new { old.Id, at = _clock.Now.AddDays(-31) });
        await fixture.ExecuteAsync("UPDATE webhook_events SET created_at = @at WHERE tenant_id = @TenantId", new { old.TenantId, at = _clock.Now.AddDays(-31) });
        await fixture.ExecuteAsync("UPDATE webhook_endpoints SET status = 'deleted', url = NULL WHERE id = @Id", new { deleted.Id });

        await Until.TrueAsync(async () => await old.CountAsync("succeeded") == 0, "old deliveries are gone");
        await Until.TrueAsync(async () => await fixture.QueryAsync<long>("SELECT COUNT(*) FROM webhook_endpoints WHERE id = @Id", new { deleted.Id }) == 0, "the deleted endpoint is gone");
        await Until.TrueAsync(async () => await fixture.QueryAsync<long>("SELECT COUNT(*) FROM webhook_events WHERE tenant_id = @TenantId", new { old.TenantId }) == 0, "old events are gone");
        Assert.Equal("enabled", await old.RowAsync("status"));
        Assert.Equal(1, await young.CountAsync("succeeded"));
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public void What_a_receiver_answered_is_shown_without_what_looks_like_a_secret()
    {
        Assert.Null(ResponseText.Of([]));
        var shown = ResponseText.Of("ok \0 Authorization: Bearer abcdefgh123456 whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw vx_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"u8);
        Assert.Equal("ok \uFFFD Authorization: Bearer [hidden] [hidden] [hidden]", shown);
    }

    private Task<IHost> StartAsync(Action<IServiceCollection>? also = null, params (string Key, string Value)[] more) => fixture.StartWorkerHereAsync(
        services =>
        {
            services.AddSingleton<TimeProvider>(_clock);
            also?.Invoke(services);
        },
        [Loopback, Often, .. more]);

    private Task UntilTriedAsync(TestEndpoint endpoint, int attempts) => Until.TrueAsync(
        async () => await fixture.QueryAsync<long>("SELECT COALESCE(MAX(attempts), 0) FROM webhook_deliveries WHERE endpoint_id = @Id", new { endpoint.Id }) >= attempts, $"it was tried {attempts} times");

    /// <summary>Waits until its turn was given back, and another look was made.</summary>
    private Task UntilIdleAsync(TestEndpoint endpoint) => Until.TrueAsync(
        async () => await fixture.QueryAsync<long>("SELECT COUNT(*) FROM webhook_endpoints WHERE id = @Id AND lease_id IS NULL AND (due_at IS NULL OR due_at > @now)", new { endpoint.Id, now = _clock.Now }) == 1,
        "the endpoint is nobody's");
}
