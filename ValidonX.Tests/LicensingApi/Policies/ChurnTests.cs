using ValidonX.Tests.EndToEnd;

namespace ValidonX.Tests.LicensingApi.Policies;

/// <summary>CONTRACT §10: how often seats may go from one machine to another.</summary>
[Collection(CrowdCollection.Name)]
public sealed class ChurnTests(LicensingPlatform platform) : IAsyncLifetime
{
    private readonly MovableClock _clock = new(DateTimeOffset.UtcNow);
    private LicensingApiUnderTest _replica = null!;

    public async ValueTask InitializeAsync() => _replica = await platform.StartReplicaAsync(_clock);

    public ValueTask DisposeAsync() => _replica.DisposeAsync();

    [Fact]
    public async Task Takeovers_are_counted_and_possible_again_when_the_window_has_moved_on()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await LicenseAsync(tenant, new { activations = 2, per_days = 30 });
        var start = _clock.Now;
        var seat = (await App(tenant).ActivateAsync(key, "m0")).ShouldBe(201).Id();
        for (var i = 1; i <= 2; i++)
        {
            var next = (await TakeOverAsync(tenant, key, $"m{i}", seat)).ShouldBe(201).Id();
            Assert.Equal("taken_over", (await App(tenant).AskAsync(seat)).ShouldBe(200).Reason());
            seat = next;
            _clock.Now += TimeSpan.FromDays(1);
        }

        var refused = (await TakeOverAsync(tenant, key, "m3", seat)).ShouldBe(403, "ACTIVATION.CHURN_EXCEEDED");
        Assert.Equal((2, 30), ((int)refused.Details["limit"]!, (int)refused.Details["per_days"]!));
        Assert.InRange((DateTimeOffset)refused.Details["retry_at"]!, start.AddDays(30).AddSeconds(-1), start.AddDays(30));
        Assert.True((bool)(await App(tenant).AskAsync(seat)).ShouldBe(200).Data["valid"]!);

        _clock.Now = start.AddDays(30).AddSeconds(1);
        (await TakeOverAsync(tenant, key, "m3", seat)).ShouldBe(201);
        (await TakeOverAsync(tenant, key, "m3", seat)).ShouldBe(200);
    }

    [Fact]
    public async Task Giving_a_seat_up_for_another_machine_counts_and_coming_back_does_not()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await LicenseAsync(tenant, new { activations = 1, per_days = 30 });
        for (var i = 0; i < 3; i++)
        {
            var own = (await App(tenant).ActivateAsync(key, "a")).ShouldBe(201).Id();
            (await App(tenant).ReleaseAsync(own)).ShouldBe(200);
        }

        var other = (await App(tenant).ActivateAsync(key, "b")).ShouldBe(201).Id();
        (await App(tenant).ReleaseAsync(other)).ShouldBe(200);
        (await App(tenant).ActivateAsync(key, "a")).ShouldBe(403, "ACTIVATION.CHURN_EXCEEDED");
        (await App(tenant).ActivateAsync(key, "b")).ShouldBe(201);

        // What the vendor frees is the vendor's own affair.
        var seat = (await App(tenant).ActivateAsync(key, "b")).ShouldBe(200).Id();
        (await tenant.Owner.DeleteAsync($"/v1/tenant/activations/{seat}")).ShouldBe(200);
        (await App(tenant).ActivateAsync(key, "c")).ShouldBe(201);
    }

    [Fact]
    public async Task Seats_that_nobody_has_given_up_are_no_swap()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await LicenseAsync(tenant, new { activations = 0, per_days = 1 }, seats: 3);
        var first = (await App(tenant).ActivateAsync(key, "a")).ShouldBe(201).Id();
        (await App(tenant).ReleaseAsync(first)).ShouldBe(200);
        (await App(tenant).ActivateAsync(key, "b")).ShouldBe(201);
        (await App(tenant).ActivateAsync(key, "c")).ShouldBe(201);
        var refused = (await App(tenant).ActivateAsync(key, "d")).ShouldBe(403, "ACTIVATION.CHURN_EXCEEDED");
        Assert.Null(refused.Details["retry_at"]);
        (await App(tenant).ActivateAsync(key, "a")).ShouldBe(201);
    }

    [Fact]
    public async Task Between_two_swaps_a_license_cools_down()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await LicenseAsync(tenant, new { activations = 10, per_days = 30, cool_down_hours = 12 });
        var seat = (await App(tenant).ActivateAsync(key, "a")).ShouldBe(201).Id();
        seat = (await TakeOverAsync(tenant, key, "b", seat)).ShouldBe(201).Id();
        var at = _clock.Now;
        _clock.Now += TimeSpan.FromHours(11);
        var refused = (await TakeOverAsync(tenant, key, "a", seat)).ShouldBe(403, "ACTIVATION.CHURN_EXCEEDED");
        Assert.InRange((DateTimeOffset)refused.Details["retry_at"]!, at.AddHours(12).AddSeconds(-1), at.AddHours(12));
        _clock.Now += TimeSpan.FromHours(1);
        (await TakeOverAsync(tenant, key, "a", seat)).ShouldBe(201);
    }

    [Fact]
    public async Task However_many_take_over_at_once_the_budget_holds_and_so_does_the_number_of_seats()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await LicenseAsync(tenant, new { activations = 3, per_days = 30 }, seats: 5);
        var seats = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            seats.Add((await tenant.App.ActivateAsync(key, $"old{i}")).ShouldBe(201).Id());
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(i =>
            tenant.Apps[i % 2].TakeAsync(new { license_key = key, instance_id = $"new{i}", take_over = seats[i % 5] })));

        Assert.Equal(3, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => Assert.Contains(answer.Code, new[] { "ACTIVATION.CHURN_EXCEEDED", "ACTIVATION.LIMIT_EXCEEDED" }));
        Assert.Equal(5, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM activations WHERE active_marker = 1"));
        Assert.Equal(3, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE type = 'activation.revoked'"));
    }

    [Fact]
    public async Task Only_seats_of_the_same_license_can_be_taken_over()
    {
        var (tenant, others) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var (_, key) = await LicenseAsync(tenant, new { activations = 9, per_days = 30 });
        var (_, elsewhere) = await tenant.CreateLicenseAsync();
        var (_, foreign) = await others.CreateLicenseAsync();
        var ofAnother = (await App(tenant).ActivateAsync(elsewhere, "a")).ShouldBe(201).Id();
        var ofOthers = (await App(others).ActivateAsync(foreign, "a")).ShouldBe(201).Id();
        foreach (var id in new[] { ofAnother, ofOthers, Guid.NewGuid().ToString() })
        {
            (await TakeOverAsync(tenant, key, "b", id)).ShouldBe(404, "ACTIVATION.NOT_FOUND");
        }

        Assert.True((bool)(await App(tenant).AskAsync(ofAnother)).ShouldBe(200).Data["valid"]!);
        Assert.True((bool)(await App(others).AskAsync(ofOthers)).ShouldBe(200).Data["valid"]!);
        (await TakeOverAsync(tenant, key, "b", "nonsense")).ShouldBe(422, "VALIDATION.FAILED");
    }

    private ApiCaller App(LicensedTenant tenant) => tenant.AppAt(_replica, _clock.Now);

    private Task<Answer> TakeOverAsync(LicensedTenant tenant, string key, string instance, string seat) =>
        App(tenant).TakeAsync(new { license_key = key, instance_id = instance, take_over = seat });

    private static Task<(Guid Id, string Key)> LicenseAsync(LicensedTenant tenant, object churn, int seats = 1) =>
        tenant.CreateLicenseAsync(new { policy = new { max_activations = seats, churn } });
}
