using Microsoft.Extensions.DependencyInjection;
using ValidonX.Platform.Accounts;

namespace ValidonX.Tests.LicensingApi.Accounts;

/// <summary>CONTRACT §9: users' logins, and new passwords for who forgot the old one.</summary>
[Collection(LicensingCollection.Name)]
public sealed class UserSessionTests(LicensingPlatform platform)
{
    [Fact]
    public async Task A_login_shows_the_user_and_the_tenants_and_gives_a_token_until_logout()
    {
        var user = await TestUser.CreateAsync(platform);
        var tenant = await platform.CreateTenantAsync();
        await user.JoinAsync(tenant.Id, "developer");

        var login = (await user.LogInAsync()).ShouldBe(200);

        Assert.Equal(["tenants", "token", "user"], login.Data.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal(
            $$"""[{"id":"{{tenant.Id}}","name":"Acme","slug":"{{tenant.Slug}}","status":"active","role":"developer"}]""",
            login.Data["tenants"]!.ToJsonString());
        Assert.True(AccessToken.TryParse((string?)login.Data["token"], out var token));
        Assert.Equal(7, await platform.ScalarAsync<int>("SELECT TIMESTAMPDIFF(DAY, created_at, expires_at) FROM personal_access_tokens WHERE id = @Id", new { token.Id }));

        (await (user with { Token = token }).Here.PostAsync("/v1/auth/logout")).ShouldBe(204);

        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM personal_access_tokens WHERE id = @Id AND revoked_at IS NOT NULL", new { token.Id }));
        Assert.Equal((1, 1), (await user.EventsAsync("user.logged_in"), await user.EventsAsync("user.logged_out")));
    }

    [Fact]
    public async Task Wrong_passwords_and_unknown_addresses_are_refused_alike_and_counted_without_either()
    {
        var user = await TestUser.CreateAsync(platform);
        await platform.FlushCountedAsync();

        var wrong = (await user.LogInAsync("not the password")).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        var unknown = (await (user with { Email = TestUser.NewAddress() }).LogInAsync()).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");

        Assert.Equal(wrong.Error.ToJsonString(), unknown.Error.ToJsonString());
        await platform.FlushCountedAsync();
        Assert.Equal(1, await user.EventsAsync("user.login_failed"));
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE details LIKE '%not the password%'"));
    }

    [Fact]
    public async Task An_account_without_a_password_or_without_a_proved_address_is_not_logged_in_to()
    {
        var invited = await TestUser.CreateAsync(platform);
        await platform.ExecuteAsync("UPDATE users SET email_verified_at = NULL WHERE id = @Id", new { invited.Id });
        var begun = await TestUser.CreateAsync(platform);
        await platform.ExecuteAsync("UPDATE users SET password_hash = NULL WHERE id = @Id", new { begun.Id });

        (await invited.LogInAsync()).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await begun.LogInAsync()).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
    }

    [Fact]
    public async Task The_twenty_first_login_ends_the_oldest()
    {
        var user = await TestUser.CreateAsync(platform);
        var first = user.Token.Id;
        for (var i = 0; i < 20; i++)
        {
            (await user.LogInAsync()).ShouldBe(200);
        }

        Assert.Equal(20, await user.ValidTokensAsync());
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM personal_access_tokens WHERE id = @first AND revoked_at IS NOT NULL", new { first }));
    }

    [Fact]
    public async Task A_mailed_link_sets_a_new_password_once_and_ends_all_sessions()
    {
        var user = await TestUser.CreateAsync(platform);
        (await user.LogInAsync()).ShouldBe(200);
        var token = await ForgottenAsync(user);

        var reset = (await ResetAsync(token)).ShouldBe(200);

        Assert.Equal(user.Id.ToString(), (string?)reset.Data["user"]!["id"]);
        Assert.Equal(0, await user.ValidTokensAsync());
        (await user.LogInAsync()).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        (await user.LogInAsync("a new and good one")).ShouldBe(200);
        (await ResetAsync(token, "yet another good one")).ShouldBe(422, "AUTH.PASSWORD_RESET_FAILED");
        Assert.Equal("Your password was changed", (await user.Mailbox.SubjectsAsync())[0]);
        Assert.Equal(1, await user.EventsAsync("user.password_reset"));
    }

    [Fact]
    public async Task Of_two_who_use_one_link_at_once_exactly_one_wins()
    {
        var user = await TestUser.CreateAsync(platform);
        var token = await ForgottenAsync(user);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => platform.Anonymous(i % 2).PostAsync("/v1/auth/reset-password", new { token, password = $"the good password {i}" })));

        var winner = Array.FindIndex(answers, answer => answer.Status == 200);
        Assert.All(answers.Where((_, i) => i != winner), answer => answer.ShouldBe(422, "AUTH.PASSWORD_RESET_FAILED"));
        for (var i = 0; i < answers.Length; i++)
        {
            (await user.LogInAsync($"the good password {i}")).ShouldBe(i == winner ? 200 : 401);
        }

        Assert.Equal(1, await user.EventsAsync("user.password_reset"));
    }

    [Fact]
    public async Task A_used_link_takes_the_older_ones_along_as_does_a_changed_password()
    {
        var user = await TestUser.CreateAsync(platform);
        var (first, second) = (await ForgottenAsync(user), await ForgottenAsync(user));
        (await ResetAsync(second)).ShouldBe(200);
        (await ResetAsync(first)).ShouldBe(422, "AUTH.PASSWORD_RESET_FAILED");

        var third = await ForgottenAsync(user);
        Assert.True(AccessToken.TryParse((string?)(await user.LogInAsync("a new and good one")).ShouldBe(200).Data["token"], out var session));
        (await (user with { Token = session }).Here.PutAsync("/v1/account/password", new { current_password = "a new and good one", password = "a changed password" })).ShouldBe(204);
        (await ResetAsync(third)).ShouldBe(422, "AUTH.PASSWORD_RESET_FAILED");
    }

    [Fact]
    public async Task A_link_ends_after_an_hour()
    {
        await using var later = await platform.StartReplicaAsync(new ShiftedClock(TimeSpan.FromMinutes(61)));
        var user = await TestUser.CreateAsync(platform);
        var token = await ForgottenAsync(user);
        var anonymous = new ApiCaller(later, platform, new ValidonX.Platform.Callers.CallerContext
        {
            Kind = ValidonX.Platform.Callers.CallerKind.Anonymous,
            ExpiresAt = DateTimeOffset.UtcNow.AddMinutes(62).ToUnixTimeSeconds(),
        });

        (await anonymous.PostAsync("/v1/auth/reset-password", new { token, password = "a new and good one" })).ShouldBe(422, "AUTH.PASSWORD_RESET_FAILED");
        (await ResetAsync(token)).ShouldBe(200);
    }

    [Theory]
    [InlineData("password1234")]
    [InlineData("short")]
    [InlineData(null)]
    public async Task A_bad_new_password_leaves_the_link_good(string? password)
    {
        var user = await TestUser.CreateAsync(platform);
        var token = await ForgottenAsync(user);

        var refused = (await ResetAsync(token, password ?? $"it is {user.Email.Split('@')[0]}")).ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(["password"], refused.Details.AsObject().Select(field => field.Key));
        (await ResetAsync(token)).ShouldBe(200);
    }

    [Fact]
    public async Task Who_resets_the_password_of_an_account_that_an_operator_made_has_proved_the_address()
    {
        var user = await TestUser.CreateAsync(platform);
        await platform.ExecuteAsync("UPDATE users SET email_verified_at = NULL, password_hash = NULL WHERE id = @Id", new { user.Id });

        (await ResetAsync(await ForgottenAsync(user))).ShouldBe(200);

        Assert.True((bool)(await user.LogInAsync("a new and good one")).ShouldBe(200).Data["user"]!["email_verified"]!);
    }

    private async Task<string> ForgottenAsync(TestUser user)
    {
        (await platform.Anonymous().PostAsync("/v1/auth/forgot-password", new { email = user.Email })).ShouldBe(202);
        return await user.Mailbox.TokenAsync();
    }

    private Task<EndToEnd.Answer> ResetAsync(string token, string password = "a new and good one") =>
        platform.Anonymous().PostAsync("/v1/auth/reset-password", new { token, password });
}
