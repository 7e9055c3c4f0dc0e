using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Dapper;

namespace ValidonX.Tests.LicensingApi.Policies;

/// <summary>CONTRACT §10, floating licenses: seats that are leased, kept by heartbeats, and free again by themselves.</summary>
[Collection(CrowdCollection.Name)]
public sealed class FloatingTests(LicensingPlatform platform) : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15 * 60);

    private readonly MovableClock _clock = new(DateTimeOffset.UtcNow);
    private LicensingApiUnderTest _replica = null!;

    public async ValueTask InitializeAsync() => _replica = await platform.StartReplicaAsync(_clock);

    public ValueTask DisposeAsync() => _replica.DisposeAsync();

    [Fact]
    public async Task A_seat_is_leased_and_kept_by_heartbeats_and_given_back()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await FloatingAsync(tenant, seats: 1);

        var taken = (await App(tenant).ActivateAsync(key, "a")).ShouldBe(201);
        AssertNear(_clock.Now + Lease, taken.Lease());
        (await App(tenant).ActivateAsync(key, "b")).ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");

        for (var i = 0; i < 5; i++)
        {
            _clock.Now += TimeSpan.FromMinutes(10);
            AssertNear(_clock.Now + Lease, (await App(tenant).BeatAsync(taken.Id())).ShouldBe(200).Lease());
            Assert.True((bool)(await App(tenant).AskAsync(taken.Id())).ShouldBe(200).Data["valid"]!);
        }

        AssertNear(_clock.Now + Lease, (await App(tenant).ActivateAsync(key, "a")).ShouldBe(200).Lease());
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal("released", (await App(tenant).ReleaseAsync(taken.Id())).ShouldBe(200).SeatStatus());
        }

        Assert.Equal(1, await tenant.ToldAsync("activation.revoked", taken.Id()));
        var asked = (await App(tenant).AskAsync(taken.Id())).ShouldBe(200);
        Assert.Equal((false, "released"), ((bool)asked.Data["valid"]!, asked.Reason()));
        Assert.Equal("released", (await App(tenant).BeatAsync(taken.Id())).ShouldBe(409, "RESOURCE.CONFLICT").Reason());
        (await App(tenant).ActivateAsync(key, "b")).ShouldBe(201);
        Assert.Equal(1, (int)(await tenant.Owner.GetAsync($"/v1/tenant/licenses/{id}")).Data["license"]!["activations_count"]!);
    }

    [Fact]
    public async Task A_lease_that_ran_out_frees_its_seat_by_itself_and_that_is_told_once()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await FloatingAsync(tenant, seats: 1);
        var lost = (await App(tenant).ActivateAsync(key, "lost")).ShouldBe(201).Id();

        _clock.Now += Lease - TimeSpan.FromSeconds(1);
        (await App(tenant).ActivateAsync(key, "next")).ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");
        _clock.Now += TimeSpan.FromSeconds(1);
        var asked = (await App(tenant).AskAsync(lost)).ShouldBe(200);
        Assert.Equal((false, "lease_ended", "expired"), ((bool)asked.Data["valid"]!, asked.Reason(), asked.SeatStatus()));
        Assert.Equal(0, await tenant.ToldAsync("activation.revoked"));
        (await App(tenant).ActivateAsync(key, "next")).ShouldBe(201);
        (await App(tenant).ActivateAsync(key, "third")).ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");

        Assert.Equal(1, await tenant.ToldAsync("activation.revoked", lost));
        var told = JsonNode.Parse((await tenant.ScalarAsync<string>("SELECT data FROM outbox WHERE type = 'activation.revoked'"))!)!;
        Assert.Equal(("active", "expired", "lease_ended"), ((string?)told["before"]!["status"], (string?)told["after"]!["status"], (string?)told["reason"]));
        Assert.Equal("system", await tenant.ScalarAsync<string>("SELECT actor_type FROM outbox WHERE type = 'activation.revoked'"));
        Assert.Equal("seat_taken", (await App(tenant).BeatAsync(lost)).ShouldBe(409, "RESOURCE.CONFLICT").Reason());
    }

    [Fact]
    public async Task A_heartbeat_that_comes_late_gets_its_seat_back_while_it_is_free()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await FloatingAsync(tenant, seats: 2);
        var (late, other) = ((await App(tenant).ActivateAsync(key, "late")).ShouldBe(201).Id(), (await App(tenant).ActivateAsync(key, "other")).ShouldBe(201).Id());

        // Nobody has asked for the seat.
        _clock.Now += Lease * 3;
        AssertNear(_clock.Now + Lease, (await App(tenant).BeatAsync(late)).ShouldBe(200).Lease());
        Assert.Equal(1, await tenant.ToldAsync("activation.revoked", other));

        // Somebody had it and has given it back: the end was told already, and so is that it is held again.
        _clock.Now += Lease;
        var third = (await App(tenant).ActivateAsync(key, "third")).ShouldBe(201).Id();
        Assert.Equal(1, await tenant.ToldAsync("activation.revoked", late));
        var back = (await App(tenant).BeatAsync(late)).ShouldBe(200);
        Assert.Equal("active", back.SeatStatus());
        Assert.Equal(2, await tenant.ToldAsync("activation.created", late));
        Assert.Equal("seat_taken", (await App(tenant).BeatAsync(other)).ShouldBe(409).Reason());
        (await App(tenant).ReleaseAsync(third)).ShouldBe(200);
        (await App(tenant).BeatAsync(other)).ShouldBe(200);

        // One that has activated itself anew meanwhile does not get two.
        _clock.Now += Lease;
        (await App(tenant).ActivateAsync(key, "elsewhere")).ShouldBe(201);
        var anew = (await App(tenant).ActivateAsync(key, "other")).ShouldBe(201).Id();
        Assert.NotEqual(other, anew);
        (await App(tenant).ReleaseAsync(anew)).ShouldBe(200);
        (await App(tenant).ActivateAsync(key, "other")).ShouldBe(201);
        Assert.Equal("superseded", (await App(tenant).BeatAsync(other)).ShouldBe(409).Reason());
    }

    [Fact]
    public async Task Heartbeats_heed_the_license()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await FloatingAsync(tenant, seats: 1);
        var seat = (await App(tenant).ActivateAsync(key, "a")).ShouldBe(201).Id();

        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/suspend")).ShouldBe(200);
        Assert.Equal("license_suspended", (await App(tenant).BeatAsync(seat)).ShouldBe(422, "ACTIVATION.INVALID").Reason());
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/reinstate")).ShouldBe(200);
        (await App(tenant).BeatAsync(seat)).ShouldBe(200);
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/renew", new { expires_at = _clock.Now.AddMinutes(1) })).ShouldBe(200);
        _clock.Now += TimeSpan.FromMinutes(2);
        Assert.Equal("license_expired", (await App(tenant).BeatAsync(seat)).ShouldBe(422, "ACTIVATION.INVALID").Reason());
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/revoke")).ShouldBe(200);
        (await App(tenant).BeatAsync(seat)).ShouldBe(403, "LICENSE.REVOKED");
        Assert.Equal("released", (await App(tenant).ReleaseAsync(seat)).ShouldBe(200).SeatStatus());
    }

    [Fact]
    public async Task A_seat_without_a_lease_needs_no_heartbeat_and_one_of_others_is_not_found()
    {
        var (ours, theirs) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var (_, key) = await theirs.CreateLicenseAsync();
        var seat = (await App(theirs).ActivateAsync(key, "a")).ShouldBe(201);
        Assert.Null(seat.Lease());
        Assert.Null((await App(theirs).BeatAsync(seat.Id())).ShouldBe(200).Lease());

        foreach (var id in new[] { seat.Id(), Guid.NewGuid().ToString(), "nonsense" })
        {
            (await App(ours).BeatAsync(id)).ShouldBe(404, "ACTIVATION.NOT_FOUND");
            (await App(ours).ReleaseAsync(id)).ShouldBe(404, "ACTIVATION.NOT_FOUND");
        }

        (await App(theirs).AskAsync(seat.Id())).ShouldBe(200);
        Assert.Equal("active", (await App(theirs).AskAsync(seat.Id())).SeatStatus());
    }

    [Fact]
    public async Task Leases_that_ran_out_take_no_place_in_the_plan()
    {
        var tenant = await platform.CreateTenantAsync("starter");
        await tenant.ExecuteAsync("UPDATE entitlements SET value = '1' WHERE license_id = '' AND code = 'activations.total'");
        var (_, key) = await FloatingAsync(tenant, seats: 5);
        var (_, fixedKey) = await tenant.CreateLicenseAsync();
        var seat = (await App(tenant).ActivateAsync(key, "a")).ShouldBe(201).Id();
        (await App(tenant).ActivateAsync(fixedKey, "b")).ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");

        _clock.Now += Lease;
        (await App(tenant).ActivateAsync(fixedKey, "b")).ShouldBe(201);
        (await App(tenant).BeatAsync(seat)).ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");
    }

    [Fact]
    public async Task A_signed_verdict_never_outlives_its_seat()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await FloatingAsync(tenant, seats: 1);
        (await Offline.OfflineTenant.LeaseAsync(App(tenant), key)).ShouldBe(422, "VALIDATION.FAILED");
        (await Offline.OfflineTenant.LeaseAsync(App(tenant), key, "a")).ShouldBe(404, "ACTIVATION.NOT_FOUND");
        var lease = (await App(tenant).ActivateAsync(key, "a")).ShouldBe(201).Lease()!.Value;

        var claims = Claims(await Offline.OfflineTenant.LeasedAsync(App(tenant), key, "a"));
        Assert.InRange((long)claims["grace_until"]!, lease.ToUnixTimeSeconds() - 1, lease.ToUnixTimeSeconds());
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/file", new { days = 30 })).ShouldBe(422, "VALIDATION.FAILED");
        var file = (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{id}/file", new { days = 30, instance_id = "a" })).ShouldBe(201).Data;
        Assert.InRange((DateTimeOffset)file["expires_at"]!, lease.AddSeconds(-1), lease);

        _clock.Now += Lease;
        (await Offline.OfflineTenant.LeaseAsync(App(tenant), key, "a")).ShouldBe(404, "ACTIVATION.NOT_FOUND");
    }

    [Fact]
    public async Task A_pod_takes_one_seat_however_often_it_starts_and_frees_it_when_it_is_gone()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(new { policy = new { max_activations = 1 } });
        object Pod(string name, string instance) =>
            new { license_key = key, instance_id = instance, workload = new { kind = "kubernetes", @namespace = "shop", pod = name, node = "n1", image = "r/checkout:1" } };

        var first = (await App(tenant).TakeAsync(Pod("web-1", Guid.NewGuid().ToString()))).ShouldBe(201);
        Assert.Equal("kubernetes:shop/web-1", (string?)first.Data["activation"]!["instance_id"]);
        Assert.Equal("web-1", (string?)first.Data["activation"]!["workload"]!["pod"]);
        Assert.NotNull(first.Lease());
        Assert.Equal(first.Id(), (await App(tenant).TakeAsync(Pod("web-1", Guid.NewGuid().ToString()))).ShouldBe(200).Id());
        (await App(tenant).TakeAsync(Pod("web-2", "x"))).ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");
        _clock.Now += Lease;
        (await App(tenant).TakeAsync(Pod("web-2", "x"))).ShouldBe(201);
        Assert.Equal(
            ["workload.kind", "workload.namespace"],
            [.. (await App(tenant).TakeAsync(new { license_key = key, workload = new { kind = "vm", pod = "p" } })).ShouldBe(422).Details.AsObject().Select(one => one.Key)
                .Concat((await App(tenant).TakeAsync(new { license_key = key, workload = new { kind = "kubernetes", pod = "p" } })).ShouldBe(422).Details.AsObject().Select(one => one.Key))]);
        (await App(tenant).TakeAsync(new { license_key = key, workload = new { kind = "container", pod = "c0ffee" } })).ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");
    }

    [Fact]
    public async Task Reaching_the_limit_is_told_once_each_time()
    {
        var tenant = await platform.CreateTenantAsync();
        var (id, key) = await FloatingAsync(tenant, seats: 3, overage: "2x");
        async Task<long> ToldAsync() => await tenant.ToldAsync("activation.limit_reached", id.ToString());

        var seats = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            seats.Add((await App(tenant).ActivateAsync(key, $"m{i}")).ShouldBe(201).Id());
            Assert.Equal(i < 2 ? 0 : 1, await ToldAsync());
        }

        (await App(tenant).ActivateAsync(key, "m6")).ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");
        var told = JsonNode.Parse((await tenant.ScalarAsync<string>("SELECT data FROM outbox WHERE type = 'activation.limit_reached'"))!)!;
        Assert.Equal((3, 3, 6), ((int)told["current"]!, (int)told["limit"]!, (int)told["allowed"]!));
        Assert.Equal("license", await tenant.ScalarAsync<string>("SELECT subject_type FROM outbox WHERE type = 'activation.limit_reached'"));

        foreach (var seat in seats[2..])
        {
            (await App(tenant).ReleaseAsync(seat)).ShouldBe(200);
        }

        (await App(tenant).TakeAsync(new { license_key = key, instance_id = "instead", take_over = seats[0] })).ShouldBe(201);
        Assert.Equal(1, await ToldAsync());
        (await App(tenant).ActivateAsync(key, "again")).ShouldBe(201);
        Assert.Equal(2, await ToldAsync());
        (await App(tenant).ActivateAsync(key, "again")).ShouldBe(200);
        (await App(tenant).ActivateAsync(key, "one more")).ShouldBe(201);
        Assert.Equal(2, await ToldAsync());
    }

    [Fact]
    public async Task Racing_for_the_last_seats_reaches_the_limit_once()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await FloatingAsync(tenant, seats: 5);

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => tenant.Apps[i % 2].ActivateAsync(key, $"m{i}")));

        Assert.Equal(5, answers.Count(answer => answer.Status == 201));
        Assert.Equal(1, await tenant.ToldAsync("activation.limit_reached"));
    }

    /// <summary>Two hundred machines that take seats, keep them, give them back, crash, come back late and take over; on two replicas and the clock on the wall.</summary>
    [Fact]
    public async Task Two_hundred_machines_on_twenty_seats_never_hold_more_and_never_leave_one_idle_for_longer_than_a_lease()
    {
        const int Seats = 20;
        var lease = TimeSpan.FromSeconds(2);
        var tenant = await platform.CreateTenantAsync();
        var (licenseId, key) = await tenant.CreateLicenseAsync(new
        {
            type = "floating",
            policy = new { max_activations = Seats, heartbeat_seconds = 1, lease_grace_seconds = 1 },
        });
        var held = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var outcomes = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var calls = new ConcurrentBag<TimeSpan>();
        using var stop = new CancellationTokenSource();
        var machines = Enumerable.Range(0, 200).Select(number => RunMachineAsync(number)).ToList();
        var (began, most, observations) = (DateTimeOffset.UtcNow, 0L, 0);
        while (DateTimeOffset.UtcNow < began.AddSeconds(20))
        {
            // Seats are marked under the license's lock, whatever any clock says; those that are held by the clock are among them.
            var marked = await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM activations WHERE license_id = @licenseId AND active_marker = 1", new { licenseId });
            Assert.InRange(marked, 0, Seats);
            most = Math.Max(most, marked);
            observations++;
        }

        var ended = DateTimeOffset.UtcNow;
        await stop.CancelAsync();
        await Task.WhenAll(machines);
        var idlest = await LongestIdleAsync();
        var summary = $"{observations} looks; {string.Join(", ", outcomes.OrderBy(one => one.Key).Select(one => $"{one.Key} {one.Value}"))}; a seat was idle for at most {idlest.TotalMilliseconds:0} ms, a call took at most {calls.Max().TotalMilliseconds:0} ms";
        TestContext.Current.TestOutputHelper?.WriteLine(summary);
        Assert.Equal(Seats, most);
        // Who asks for a free seat has it when the answer is there: on a busy machine the asking takes its time, too.
        Assert.True(idlest < lease + (2 * calls.Max()), summary);
        Assert.All(["taken", "full", "kept", "given back", "crashed", "taken over", "came late"], outcome => Assert.True(outcomes.GetValueOrDefault(outcome) > 0, $"{outcome}: {summary}"));
        Assert.True(outcomes.Keys.All(outcome => !outcome.StartsWith("unexpected", StringComparison.Ordinal)), summary);
        // Each seat that was ever taken was ended and told of once, but for those that are held still.
        Assert.Equal(
            await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM activations WHERE active_marker IS NULL"),
            await tenant.ScalarAsync<long>("SELECT SUM(IF(type = 'activation.revoked', 1, -1)) + (SELECT COUNT(*) FROM activations) FROM outbox WHERE type IN ('activation.revoked', 'activation.created')"));

        // The seat that was free for longest is the one that the next machine takes.
        async Task<TimeSpan> LongestIdleAsync()
        {
            await using var scope = await platform.Databases.Tenants.OpenAsync(tenant.Placement, TestContext.Current.CancellationToken);
            var rows = await scope.Connection.QueryAsync<(DateTimeOffset From, DateTimeOffset? Until)>(
                "SELECT activated_at, IF(active_marker = 1, NULL, IF(status = 'expired', lease_expires_at, revoked_at)) FROM activations");
            var moves = rows.SelectMany(row => row.Until is { } until ? [(row.From, true), (until, false)] : new[] { (row.From, true) }).OrderBy(move => move.Item1).ThenBy(move => move.Item2);
            var free = new Queue<DateTimeOffset>(Enumerable.Repeat(began, Seats));
            var longest = TimeSpan.Zero;
            foreach (var (at, isTaken) in moves.Where(move => move.Item1 < ended))
            {
                if (!isTaken)
                {
                    free.Enqueue(at);
                }
                else if (free.TryDequeue(out var since) && at - since > longest)
                {
                    longest = at - since;
                }
            }

            return free.TryPeek(out var left) && ended - left > longest ? ended - left : longest;
        }

        async Task RunMachineAsync(int number)
        {
            var random = new Random(number);
            var app = tenant.Apps[number % 2];
            while (!stop.IsCancellationRequested)
            {
                var victim = random.Next(20) == 0 ? held.Values.ElementAtOrDefault(random.Next(Seats)) : null;
                var asked = Stopwatch.GetTimestamp();
                var taken = await app.TakeAsync(new { license_key = key, instance_id = $"machine-{number}", take_over = victim });
                calls.Add(Stopwatch.GetElapsedTime(asked));
                if (taken.Status == 403)
                {
                    Count("full");
                    await PauseAsync(random.Next(50, 400));
                    continue;
                }

                if (taken.Status is not (200 or 201))
                {
                    Count($"unexpected {taken.Status}");
                    return;
                }

                Count(victim is null ? "taken" : "taken over");
                var seat = taken.Id();
                held[seat] = seat;
                for (var beats = random.Next(1, 5); beats > 0 && !stop.IsCancellationRequested; beats--)
                {
                    await PauseAsync(random.Next(100, 900));
                    var kept = await app.BeatAsync(seat);
                    Count(kept.Status switch { 200 => "kept", 409 => "lost", _ => $"unexpected {kept.Status}" });
                    if (kept.Status != 200)
                    {
                        break;
                    }
                }

                held.TryRemove(seat, out _);
                switch (random.Next(3))
                {
                    case 0:
                        Count("crashed");
                        break;
                    case 1:
                        // Asleep for longer than the lease: it gets its seat back or hears that it is gone.
                        await PauseAsync(2_500);
                        var late = await app.BeatAsync(seat);
                        Count(late.Status is 200 or 409 ? "came late" : $"unexpected {late.Status}");
                        break;
                    default:
                        Count((await app.ReleaseAsync(seat)).Status == 200 ? "given back" : "unexpected release");
                        break;
                }
            }
        }

        void Count(string outcome) => outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);

        async Task PauseAsync(int milliseconds) => await Task.WhenAny(Task.Delay(milliseconds, TestContext.Current.CancellationToken), Task.Delay(Timeout.Infinite, stop.Token));
    }

    private ApiCaller App(LicensedTenant tenant) => tenant.AppAt(_replica, _clock.Now);

    private static Task<(Guid Id, string Key)> FloatingAsync(LicensedTenant tenant, int seats, string overage = "none") =>
        tenant.CreateLicenseAsync(new { type = "floating", policy = new { max_activations = seats, heartbeat_seconds = 600, lease_grace_seconds = 300, overage } });

    private static void AssertNear(DateTimeOffset expected, DateTimeOffset? actual) => Assert.InRange(actual!.Value, expected.AddSeconds(-1), expected);

    private static JsonObject Claims(string jws) =>
        JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(jws.Split('.')[1]))!.AsObject();
}
