using OtpNet;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.LicensingApi.Mail;

namespace ValidonX.Tests.LicensingApi.Accounts;

/// <summary>An account's address is changed by who knows the password and reads the mails to the new one; the old one is told.</summary>
[Collection(LicensingCollection.Name)]
public sealed class EmailChangeTests(LicensingPlatform platform)
{
    [Fact]
    public async Task A_new_address_counts_once_it_is_proved_and_the_old_one_is_told_both_times()
    {
        var user = await TestUser.CreateAsync(platform);
        var mailbox = new Mailbox(platform.Operator(), TestUser.NewAddress());
        (await platform.Anonymous().PostAsync("/v1/auth/forgot-password", new { email = user.Email })).ShouldBe(202);
        var reset = await user.Mailbox.TokenAsync();

        (await AskAsync(user, mailbox.Address, "not the password")).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await AskAsync(user, user.Email.ToUpperInvariant())).ShouldBe(422, "VALIDATION.FAILED");
        Assert.Equal("""{"status":"verification_sent"}""", (await AskAsync(user, mailbox.Address)).ShouldBe(202).Data.ToJsonString());

        Assert.Equal("A change of your e-mail address was asked for", (await user.Mailbox.SubjectsAsync())[0]);
        Assert.Equal(["Confirm your new e-mail address"], await mailbox.SubjectsAsync());
        Assert.DoesNotContain("Ada", (string)(await mailbox.MailsAsync())[0]["text"]!, StringComparison.Ordinal);
        (await user.LogInAsync()).ShouldBe(200);
        var token = await mailbox.TokenAsync();
        (await platform.Anonymous().PostAsync("/v1/auth/email/verify", new { token })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");

        var changed = (await ConfirmAsync(token)).ShouldBe(200);

        Assert.Equal((mailbox.Address, true), ((string?)changed.Data["user"]!["email"], (bool)changed.Data["user"]!["email_verified"]!));
        (await ConfirmAsync(token)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await user.LogInAsync()).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        (await (user with { Email = mailbox.Address }).LogInAsync()).ShouldBe(200);
        Assert.Equal("Your e-mail address was changed", (await user.Mailbox.SubjectsAsync())[0]);
        // What was mailed to the old address opens nothing any more.
        (await platform.Anonymous().PostAsync("/v1/auth/reset-password", new { token = reset, password = "a new and good one" })).ShouldBe(422, "AUTH.PASSWORD_RESET_FAILED");
        Assert.Equal(1, await user.EventsAsync("user.email_changed"));
        Assert.Equal(
            0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE details LIKE @old OR details LIKE @new", new { old = $"%{user.Email}%", @new = $"%{mailbox.Address}%" }));
    }

    [Fact]
    public async Task An_address_that_has_an_account_is_answered_the_same_and_its_owner_is_told()
    {
        var (user, other) = (await TestUser.CreateAsync(platform), await TestUser.CreateAsync(platform));
        var nobody = new Mailbox(platform.Operator(), TestUser.NewAddress());

        var unknown = (await AskAsync(user, nobody.Address)).ShouldBe(202);
        var first = await nobody.TokenAsync();
        var known = (await AskAsync(user, other.Email)).ShouldBe(202);

        Assert.Equal(unknown.Data.ToJsonString(), known.Data.ToJsonString());
        Assert.Equal("You have an account already", (await other.Mailbox.SubjectsAsync())[0]);
        // The later one has taken its place.
        (await ConfirmAsync(first)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await other.LogInAsync()).ShouldBe(200);
    }

    [Fact]
    public async Task A_new_password_stops_a_change_that_waits()
    {
        var user = await TestUser.CreateAsync(platform);
        var mailbox = new Mailbox(platform.Operator(), TestUser.NewAddress());
        (await AskAsync(user, mailbox.Address)).ShouldBe(202);
        (await platform.Anonymous().PostAsync("/v1/auth/forgot-password", new { email = user.Email })).ShouldBe(202);
        (await platform.Anonymous().PostAsync("/v1/auth/reset-password", new { token = await user.Mailbox.TokenAsync(), password = "a new and good one" })).ShouldBe(200);

        (await ConfirmAsync(await mailbox.TokenAsync())).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
    }

    [Fact]
    public async Task Of_two_who_come_to_one_address_at_once_one_has_it()
    {
        var users = new[] { await TestUser.CreateAsync(platform), await TestUser.CreateAsync(platform) };
        var mailbox = new Mailbox(platform.Operator(), TestUser.NewAddress());
        var tokens = new List<string>();
        foreach (var user in users)
        {
            (await AskAsync(user, mailbox.Address)).ShouldBe(202);
            tokens.Add(await mailbox.TokenAsync());
        }

        var answers = await Task.WhenAll(tokens.Select(ConfirmAsync));

        Assert.Equal([200, 403], answers.Select(answer => answer.Status).Order());
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM users WHERE email = @Address", new { mailbox.Address }));
    }

    [Fact]
    public async Task Who_has_a_second_factor_needs_it()
    {
        var user = await TestUser.CreateAsync(platform);
        var secret = Base32Encoding.ToBytes((string)(await user.Here.PostAsync("/v1/account/two-factor")).ShouldBe(201).Data["secret"]!);
        (await user.Here.PostAsync("/v1/account/two-factor/confirm", new { otp = new Totp(secret).ComputeTotp() })).ShouldBe(200);

        (await AskAsync(user, TestUser.NewAddress())).ShouldBe(401, "AUTH.TWO_FACTOR_REQUIRED");
        (await AskAsync(user, TestUser.NewAddress(), otp: "000000")).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await AskAsync(user, TestUser.NewAddress(), otp: new Totp(secret).ComputeTotp(DateTime.UtcNow.AddSeconds(30)))).ShouldBe(202);
    }

    private static Task<Answer> AskAsync(TestUser user, string email, string password = TestUser.Password, string? otp = null) =>
        user.Here.PostAsync("/v1/account/email", new { email, password, otp });

    private Task<Answer> ConfirmAsync(string token) => platform.Anonymous().PostAsync("/v1/auth/email/change", new { token });
}
