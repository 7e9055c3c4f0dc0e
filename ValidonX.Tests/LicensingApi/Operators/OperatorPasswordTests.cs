using OtpNet;
using ValidonX.Platform.Callers;
using ValidonX.Tests.EndToEnd;

namespace ValidonX.Tests.LicensingApi.Operators;

/// <summary>Operators change their own password, and set a new one by mail; the configured account's is changed in the configuration.</summary>
[Collection(LicensingCollection.Name)]
public sealed class OperatorPasswordTests(LicensingPlatform platform)
{
    private const string New = "a new and good one";

    [Fact]
    public async Task A_changed_password_ends_all_other_sessions_and_the_links_that_were_mailed()
    {
        var one = await TestOperator.CreateAsync(platform);
        var other = TestOperator.TokenOf((await one.LogInAsync()).ShouldBe(200));
        var link = await ForgottenAsync(one);

        (await one.Here.PutAsync("/auth/password", new { password = New })).ShouldBe(422, "VALIDATION.FAILED");
        (await one.Here.PutAsync("/auth/password", new { current_password = "not the password", password = New })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await one.Here.PutAsync("/auth/password", new { current_password = TestOperator.Password, password = "password1234" })).ShouldBe(422, "VALIDATION.FAILED");
        (await one.Here.PutAsync("/auth/password", new { current_password = TestOperator.Password, password = $"it is {one.Email.Split('@')[0]}" })).ShouldBe(422, "VALIDATION.FAILED");
        (await one.Here.PutAsync("/auth/password", new { current_password = TestOperator.Password, password = New })).ShouldBe(204);
        // The answer was lost and the call is repeated.
        (await one.Here.PutAsync("/auth/password", new { current_password = TestOperator.Password, password = New })).ShouldBe(204);

        Assert.Equal(1, await one.ValidTokensAsync());
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM personal_access_tokens WHERE id = @Id AND revoked_at IS NOT NULL", new { other.Id }));
        (await one.LogInAsync()).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        (await one.LogInAsync(New)).ShouldBe(200);
        (await ResetAsync(link)).ShouldBe(422, "AUTH.PASSWORD_RESET_FAILED");
        Assert.Equal(1, await one.EventsAsync("operator.password_changed"));
        Assert.Contains("Your password was changed", await one.Mailbox.SubjectsAsync());
    }

    [Fact]
    public async Task A_mailed_link_sets_a_new_password_once_ends_all_sessions_and_leaves_the_second_factor_on()
    {
        var one = await TestOperator.CreateAsync(platform);
        var secret = Base32Encoding.ToBytes((string)(await one.Here.PostAsync("/auth/two-factor")).ShouldBe(201).Data["secret"]!);
        var codes = (await one.Here.PostAsync("/auth/two-factor/confirm", new { otp = new Totp(secret).ComputeTotp() })).ShouldBe(200).Data["recovery_codes"]!.AsArray();
        var (first, second) = (await ForgottenAsync(one), await ForgottenAsync(one));

        (await ResetAsync(second, "password1234")).ShouldBe(422, "VALIDATION.FAILED");
        var reset = (await ResetAsync(second)).ShouldBe(200);

        Assert.Equal(one.Id.ToString(), (string?)reset.Data["admin"]!["id"]);
        Assert.Equal(0, await one.ValidTokensAsync());
        Assert.Equal("Your password was changed", (await one.Mailbox.SubjectsAsync())[0]);
        (await ResetAsync(second, "yet another good one")).ShouldBe(422, "AUTH.PASSWORD_RESET_FAILED");
        (await ResetAsync(first)).ShouldBe(422, "AUTH.PASSWORD_RESET_FAILED");
        // As who did not get the first answer does: nothing is changed again.
        (await ResetAsync(second)).ShouldBe(200);
        Assert.Equal(1, await one.EventsAsync("operator.password_reset"));
        (await one.LogInAsync(New)).ShouldBe(401, "AUTH.TWO_FACTOR_REQUIRED");
        (await one.LogInAsync(New, (string)codes[0]!)).ShouldBe(200);
    }

    [Fact]
    public async Task A_link_ends_after_an_hour()
    {
        await using var later = await platform.StartReplicaAsync(new ShiftedClock(TimeSpan.FromMinutes(61)));
        var anyone = new ApiCaller(later, platform, new CallerContext { Kind = CallerKind.Anonymous, ExpiresAt = DateTimeOffset.UtcNow.AddMinutes(62).ToUnixTimeSeconds() });
        var one = await TestOperator.CreateAsync(platform);
        var token = await ForgottenAsync(one);

        (await anyone.PostAsync("/auth/reset-password", new { token, password = New })).ShouldBe(422, "AUTH.PASSWORD_RESET_FAILED");
        (await ResetAsync(token)).ShouldBe(200);
    }

    [Fact]
    public async Task The_configured_account_is_told_where_its_password_is_and_keeps_it()
    {
        var configured = await TestOperator.ConfiguredAsync(platform);
        (await configured.PutAsync("/auth/password", new { current_password = LicensingPlatform.OperatorPassword, password = New })).ShouldBe(409, "RESOURCE.CONFLICT");

        (await platform.Anonymous().PostAsync("/auth/forgot-password", new { email = LicensingPlatform.OperatorEmail })).ShouldBe(202);

        var mail = (await new Mail.Mailbox(platform.Operator(), LicensingPlatform.OperatorEmail).MailsAsync())[0];
        Assert.Equal("Your operator's password is configured", (string?)mail["subject"]);
        Assert.DoesNotContain("token=", (string)mail["text"]!, StringComparison.Ordinal);
        (await platform.Anonymous().PostAsync("/auth/login", new { email = LicensingPlatform.OperatorEmail, password = LicensingPlatform.OperatorPassword })).ShouldBe(200);
    }

    [Fact]
    public async Task Who_is_invited_and_who_is_nobody_get_no_link_and_the_same_answer()
    {
        var (mailbox, _) = await TestOperator.InviteAsync(platform);

        var invited = (await platform.Anonymous().PostAsync("/auth/forgot-password", new { email = mailbox.Address })).ShouldBe(202);
        var nobody = (await platform.Anonymous().PostAsync("/auth/forgot-password", new { email = TestOperator.NewAddress() })).ShouldBe(202);

        Assert.Equal(nobody.Data.ToJsonString(), invited.Data.ToJsonString());
        Assert.Single(await mailbox.MailsAsync());
    }

    private async Task<string> ForgottenAsync(TestOperator one)
    {
        (await platform.Anonymous().PostAsync("/auth/forgot-password", new { email = one.Email })).ShouldBe(202);
        return await one.Mailbox.TokenAsync();
    }

    private Task<Answer> ResetAsync(string token, string password = New) => platform.Anonymous().PostAsync("/auth/reset-password", new { token, password });
}
