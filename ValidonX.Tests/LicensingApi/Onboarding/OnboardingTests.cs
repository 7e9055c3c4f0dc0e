using System.Net;
using ValidonX.Platform.Callers;

namespace ValidonX.Tests.LicensingApi.Onboarding;

/// <summary>A user signs a vendor up and sees every stage of its provisioning, whatever the connection does.</summary>
[Collection(LicensingCollection.Name)]
public sealed class OnboardingTests(LicensingPlatform platform)
{
    [Fact]
    public async Task Who_signs_a_tenant_up_owns_it_and_nobody_else_sees_it()
    {
        var user = await UserAsync();
        var stranger = await UserAsync();

        var signedUp = (await user.Api.PostAsync("/v1/onboarding/provision", new { name = "Acme Tools" })).ShouldBe(202);

        var id = (string)signedUp.Data["tenant"]!["id"]!;
        Assert.Equal($"/v1/onboarding/provision/{id}", signedUp.Headers.Location!.OriginalString);
        Assert.Equal(12, signedUp.Data["run"]!["stages"]!.AsArray().Count);
        Assert.Equal("owner", await platform.ScalarAsync<string>("SELECT role FROM tenant_users WHERE tenant_id = @id AND user_id = @user", new { id, user = user.Id }));
        (await user.Api.GetAsync($"/v1/onboarding/provision/{id}")).ShouldBe(200);
        foreach (var path in new[] { $"/v1/onboarding/provision/{id}", $"/v1/onboarding/provision/{id}/events", $"/v1/onboarding/provision/{Guid.NewGuid()}/events" })
        {
            (await stranger.Api.GetAsync(path)).ShouldBe(404, "TENANT.NOT_FOUND");
        }

        (await stranger.Api.PostAsync($"/v1/onboarding/provision/{id}/api-key/reveal")).ShouldBe(404, "TENANT.NOT_FOUND");
    }

    [Fact]
    public async Task All_bad_fields_are_told_and_only_plans_that_anyone_may_choose_are_taken()
    {
        var user = await UserAsync();

        var refused = (await user.Api.PostAsync("/v1/onboarding/provision", new { slug = "-x-", plan = "no-such-plan", region = "A B" })).ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(["name", "plan", "region", "slug"], refused.Details.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_member_who_is_not_the_owner_cannot_take_the_first_key()
    {
        var owner = await UserAsync();
        var viewer = await UserAsync();
        var id = await SignUpAsync(owner.Api);
        await platform.ExecuteAsync("INSERT INTO tenant_users (tenant_id, user_id, role, created_at) VALUES (@id, @user, 'viewer', UTC_TIMESTAMP(6))", new { id, user = viewer.Id });

        (await viewer.Api.GetAsync($"/v1/onboarding/provision/{id}")).ShouldBe(200);
        (await viewer.Api.PostAsync($"/v1/onboarding/provision/{id}/api-key/reveal")).ShouldBe(403, "AUTH.INSUFFICIENT_PERMISSIONS");
        (await owner.Api.PostAsync($"/v1/onboarding/provision/{id}/api-key/reveal")).ShouldBe(409, "RESOURCE.CONFLICT");
    }

    [Fact]
    public async Task Twelve_sign_ups_at_once_make_no_more_tenants_than_one_user_may_own()
    {
        var user = await UserAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(number => user.Api.PostAsync("/v1/onboarding/provision", new { name = $"Acme {Guid.NewGuid():N}"[..20] })));

        Assert.Equal(5, answers.Count(answer => answer.Status == 202));
        Assert.All(answers.Where(answer => answer.Status != 202), answer => answer.ShouldBe(409, "RESOURCE.CONFLICT"));
        Assert.Equal(5, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM tenant_users WHERE user_id = @Id", new { user.Id }));
    }

    [Fact]
    public async Task Every_stage_is_told_when_it_has_changed_and_the_stream_ends_with_the_run()
    {
        var user = await UserAsync();
        var id = await SignUpAsync(user.Api);
        await using var stream = await OpenAsync(user, id);

        await SetStageAsync(id, 1, "running");
        Assert.Equal(("1.1.1", "stage", "running"), await stream.NextAsync());
        await SetStageAsync(id, 1, "succeeded");
        Assert.Equal(("1.1.3", "stage", "succeeded"), await stream.NextAsync());
        await SetStageAsync(id, 2, "failed");
        Assert.Equal(("2.1.2", "stage", "failed"), await stream.NextAsync());
        await SetStageAsync(id, 2, "running", attempts: 2);
        Assert.Equal(("2.2.1", "stage", "running"), await stream.NextAsync());
        await EndAsync(id);

        var rest = await stream.ToEndAsync();
        Assert.Equal(["2.2.3", .. Enumerable.Range(3, 10).Select(number => $"{number}.1.3"), "13.0.3"], rest.Select(told => told.Id));
        Assert.Equal(("13.0.3", "run", "succeeded"), rest[^1]);
    }

    [Fact]
    public async Task Who_was_cut_off_goes_on_after_the_last_event_that_came_and_is_sent_away_when_all_is_told()
    {
        var user = await UserAsync();
        var id = await SignUpAsync(user.Api);
        await SetStageAsync(id, 1, "succeeded");
        await SetStageAsync(id, 2, "succeeded");
        await using (var first = await OpenAsync(user, id))
        {
            Assert.Equal("1.1.3", (await first.NextAsync()).Id);
        }

        await SetStageAsync(id, 3, "running");
        await using (var second = await OpenAsync(user, id, "1.1.3"))
        {
            Assert.Equal("2.1.3", (await second.NextAsync()).Id);
            Assert.Equal("3.1.1", (await second.NextAsync()).Id);
        }

        await EndAsync(id);
        await using (var third = await OpenAsync(user, id, "3.1.1"))
        {
            Assert.Equal(["3.1.3", .. Enumerable.Range(4, 9).Select(number => $"{number}.1.3"), "13.0.3"], (await third.ToEndAsync()).Select(told => told.Id));
        }

        await using var last = await OpenAsync(user, id, "13.0.3", HttpStatusCode.NoContent);
        await using var strange = await OpenAsync(user, id, "99999999.x.-1");
        Assert.Equal(13, (await strange.ToEndAsync()).Count);
    }

    [Fact]
    public async Task A_hundred_watchers_are_told_the_same()
    {
        var user = await UserAsync();
        var id = await SignUpAsync(user.Api);
        var streams = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => OpenAsync(user, id)));

        await EndAsync(id);

        foreach (var told in await Task.WhenAll(streams.Select(stream => stream.ToEndAsync())))
        {
            Assert.Equal("13.0.3", told[^1].Id);
            Assert.Equal(13, told.Count);
        }

        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    private static async Task<string> SignUpAsync(ApiCaller user) =>
        (string)(await user.PostAsync("/v1/onboarding/provision", new { name = $"Acme {Guid.NewGuid():N}"[..20] })).ShouldBe(202).Data["tenant"]!["id"]!;

    private async Task<User> UserAsync()
    {
        var id = Guid.CreateVersion7();
        await platform.ExecuteAsync(
            "INSERT INTO users (id, email, name, created_at, updated_at) VALUES (@id, @email, 'Jane', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
            new { id, email = $"u-{id:N}@example.com" });
        var context = new CallerContext { Kind = CallerKind.User, CallerId = id, ExpiresAt = LicensingPlatform.InAMinute };
        return new User(id, new ApiCaller(platform.Replicas[0], platform, context), context);
    }

    private Task SetStageAsync(string tenantId, int number, string status, int attempts = 1) =>
        platform.ExecuteAsync(
            """
            UPDATE provisioning_stages s JOIN provisioning_runs r ON r.id = s.run_id
            SET s.status = @status, s.attempts = @attempts, s.started_at = UTC_TIMESTAMP(6) WHERE r.tenant_id = @tenantId AND s.number = @number
            """,
            new { tenantId, number, status, attempts });

    private async Task EndAsync(string tenantId) =>
        await platform.ExecuteAsync(
            """
            UPDATE provisioning_stages s JOIN provisioning_runs r ON r.id = s.run_id
            SET s.status = 'succeeded', s.attempts = GREATEST(s.attempts, 1), r.status = 'succeeded' WHERE r.tenant_id = @tenantId
            """,
            new { tenantId });

    private async Task<EventStream> OpenAsync(User user, string tenantId, string? lastEventId = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var path = $"/v1/onboarding/provision/{tenantId}/events";
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-ValidonX-Internal-Context", platform.Sign(user.Context, "GET", path));
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        var response = await platform.Replicas[0].Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(expected, response.StatusCode);
        return await EventStream.OfAsync(response);
    }

    private sealed record User(Guid Id, ApiCaller Api, CallerContext Context);
}
