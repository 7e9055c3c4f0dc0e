using Microsoft.Extensions.DependencyInjection;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.LicensingApi.Mail;

namespace ValidonX.Tests.LicensingApi.Accounts;

/// <summary>CONTRACT §9: who registers has no account before the address is proved, and nobody learns which addresses have accounts.</summary>
[Collection(LicensingCollection.Name)]
public sealed class RegistrationTests(LicensingPlatform platform)
{
    private static readonly string[] UserMembers = ["created_at", "email", "email_verified", "id", "name", "two_factor"];

    [Fact]
    public async Task A_registered_user_proves_the_address_and_is_in()
    {
        var mailbox = NewMailbox();

        var registered = (await RegisterAsync(mailbox.Address.ToUpperInvariant())).ShouldBe(202);
        Assert.Equal("""{"status":"verification_sent"}""", registered.Data.ToJsonString());
        Assert.Equal(0, await UsersAsync(mailbox));
        (await LogInAsync(mailbox)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await LogInAsync(mailbox, "another password")).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");

        var verified = (await VerifyAsync(await mailbox.TokenAsync())).ShouldBe(200);

        var user = verified.Data["user"]!;
        Assert.Equal(UserMembers, user.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal((mailbox.Address, "Ada <b>&", true, false), ((string?)user["email"], (string?)user["name"], (bool)user["email_verified"]!, (bool)user["two_factor"]!));
        var login = (await LogInAsync(mailbox)).ShouldBe(200);
        Assert.Equal(user.ToJsonString(), login.Data["user"]!.ToJsonString());
        Assert.Empty(login.Data["tenants"]!.AsArray());
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = 'user.registered' AND subject_id = @id", new { id = (string)user["id"]! }));
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM registrations WHERE email = @Address", new { mailbox.Address }));
    }

    [Fact]
    public async Task An_address_that_has_an_account_is_answered_the_same_and_its_owner_is_told()
    {
        var user = await TestUser.CreateAsync(platform);
        var nobody = NewMailbox();

        var known = (await RegisterAsync(user.Email, "quite another password")).ShouldBe(202);
        var unknown = (await RegisterAsync(nobody.Address)).ShouldBe(202);

        Assert.Equal(unknown.Data.ToJsonString(), known.Data.ToJsonString());
        Assert.Equal(["You have an account already", "Confirm your e-mail address"], await user.Mailbox.SubjectsAsync());
        (await LogInAsync(user.Mailbox, "quite another password")).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        (await user.LogInAsync()).ShouldBe(200);
    }

    [Theory]
    [InlineData("/v1/auth/register")]
    [InlineData("/v1/auth/email/resend")]
    [InlineData("/v1/auth/forgot-password")]
    public async Task Whether_an_address_has_an_account_changes_neither_the_answer_nor_the_rows_that_are_written(string path)
    {
        var user = await TestUser.CreateAsync(platform);
        var nobody = NewMailbox();

        var before = await RowsAsync();
        var known = (await AskAsync(path, user.Email)).ShouldBe(202);
        var between = await RowsAsync();
        var unknown = (await AskAsync(path, nobody.Address)).ShouldBe(202);
        var after = await RowsAsync();

        Assert.Equal(known.Data.ToJsonString(), unknown.Data.ToJsonString());
        Assert.Equal(known.Headers.Select(header => header.Key).Order(StringComparer.Ordinal), unknown.Headers.Select(header => header.Key).Order(StringComparer.Ordinal));
        Assert.Equal(Minus(between, before), Minus(after, between));

        async Task<long[]> RowsAsync() =>
            [.. await Task.WhenAll(new[] { "registrations", "mailed_tokens", "outbox_mails" }.Select(table => platform.ScalarAsync<long>(
                $"SELECT COUNT(*) FROM {table} WHERE {(table == "mailed_tokens" ? "1 = 1" : table == "registrations" ? "email IN (@known, @unknown)" : "recipient IN (@known, @unknown)")}",
                new { known = user.Email, unknown = nobody.Address })))];

        // Others may have tokens mailed meanwhile.
        static (long, bool, long) Minus(long[] later, long[] earlier) => (later[0] - earlier[0], later[1] > earlier[1], later[2] - earlier[2]);
    }

    [Fact]
    public async Task What_is_written_for_nobody_is_no_mail()
    {
        var nobody = NewMailbox();

        (await AskAsync("/v1/auth/forgot-password", nobody.Address)).ShouldBe(202);
        (await AskAsync("/v1/auth/email/resend", nobody.Address)).ShouldBe(202);

        Assert.Empty(await nobody.MailsAsync());
    }

    [Fact]
    public async Task A_token_does_once_and_no_later_registration_does_after_the_first_that_was_proved()
    {
        var mailbox = NewMailbox();
        (await RegisterAsync(mailbox.Address, "the password of a stranger")).ShouldBe(202);
        var first = await mailbox.TokenAsync();
        (await RegisterAsync(mailbox.Address)).ShouldBe(202);
        var second = await mailbox.TokenAsync();

        (await VerifyAsync(second)).ShouldBe(200);

        (await VerifyAsync(second)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await VerifyAsync(first)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await LogInAsync(mailbox, "the password of a stranger")).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        (await LogInAsync(mailbox)).ShouldBe(200);
    }

    [Fact]
    public async Task Of_many_who_use_tokens_of_one_address_at_once_one_opens_the_account()
    {
        var mailbox = NewMailbox();
        (await RegisterAsync(mailbox.Address)).ShouldBe(202);
        var first = await mailbox.TokenAsync();
        (await RegisterAsync(mailbox.Address)).ShouldBe(202);
        var second = await mailbox.TokenAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => platform.Anonymous(i % 2).PostAsync("/v1/auth/email/verify", new { token = i < 4 ? first : second })));

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.ShouldBe(403, "AUTH.VERIFICATION_FAILED"));
        Assert.Equal(1, await UsersAsync(mailbox));
    }

    [Fact]
    public async Task A_token_ends_after_a_day_and_another_mail_brings_another()
    {
        await using var tomorrow = await platform.StartReplicaAsync(new ShiftedClock(TimeSpan.FromHours(24.1)));
        await using var tonight = await platform.StartReplicaAsync(new ShiftedClock(TimeSpan.FromHours(23)));
        var mailbox = NewMailbox();
        (await RegisterAsync(mailbox.Address)).ShouldBe(202);
        var first = await mailbox.TokenAsync();

        (await AnonymousAt(tomorrow, 24.1).PostAsync("/v1/auth/email/verify", new { token = first })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await AnonymousAt(tonight, 23).PostAsync("/v1/auth/email/resend", new { email = mailbox.Address })).ShouldBe(202);
        var second = await mailbox.TokenAsync();

        Assert.NotEqual(first, second);
        (await AnonymousAt(tomorrow, 24.1).PostAsync("/v1/auth/email/verify", new { token = second })).ShouldBe(200);
    }

    [Fact]
    public async Task A_token_is_good_for_nothing_else()
    {
        var user = await TestUser.CreateAsync(platform);
        var mailbox = NewMailbox();
        (await RegisterAsync(mailbox.Address)).ShouldBe(202);
        (await AskAsync("/v1/auth/forgot-password", user.Email)).ShouldBe(202);

        (await VerifyAsync(await user.Mailbox.TokenAsync())).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await platform.Anonymous().PostAsync("/v1/auth/reset-password", new { token = await mailbox.TokenAsync(), password = "a new and good one" })).ShouldBe(422, "AUTH.PASSWORD_RESET_FAILED");
    }

    [Fact]
    public async Task An_address_gets_ten_mails_of_a_kind_in_an_hour_at_most_and_still_has_a_link_that_does()
    {
        var user = await TestUser.CreateAsync(platform);
        for (var i = 0; i < 12; i++)
        {
            (await AskAsync("/v1/auth/forgot-password", user.Email)).ShouldBe(202);
        }

        Assert.Equal(10, (await user.Mailbox.SubjectsAsync()).Count(subject => subject == "Set a new password"));
        (await platform.Anonymous().PostAsync("/v1/auth/reset-password", new { token = await user.Mailbox.TokenAsync(), password = "a new and good one" })).ShouldBe(200);
    }

    [Fact]
    public async Task Bad_fields_are_told_all_at_once()
    {
        var answer = (await platform.Anonymous().PostAsync("/v1/auth/register", new { email = "nobody", password = "short", company = 7 })).ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(["company", "email", "name", "password"], answer.Details.AsObject().Select(field => field.Key));
        var own = (await platform.Anonymous().PostAsync("/v1/auth/register", new { name = "Ada", email = "lovelace@example.com", password = "i am Ada Lovelace" })).ShouldBe(422, "VALIDATION.FAILED");
        Assert.Equal(["password"], own.Details.AsObject().Select(field => field.Key));
    }

    [Fact]
    public async Task What_strangers_ask_for_is_counted_without_the_address()
    {
        var mailbox = NewMailbox();
        (await RegisterAsync(mailbox.Address)).ShouldBe(202);
        (await VerifyAsync(new string('A', 64))).ShouldBe(403);
        await platform.FlushCountedAsync();

        Assert.NotEqual(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = 'user.registration_requested'"));
        Assert.NotEqual(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = 'user.verification_failed'"));
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE details LIKE @address", new { address = $"%{mailbox.Address}%" }));
    }

    private Mailbox NewMailbox() => new(platform.Operator(), TestUser.NewAddress());

    private Task<Answer> RegisterAsync(string email, string password = TestUser.Password) =>
        platform.Anonymous().PostAsync("/v1/auth/register", new { name = "Ada <b>&", email, password, company = "Acme" });

    private Task<Answer> AskAsync(string path, string email) => path.EndsWith("register", StringComparison.Ordinal) ? RegisterAsync(email) : platform.Anonymous().PostAsync(path, new { email });

    private Task<Answer> VerifyAsync(string token) => platform.Anonymous().PostAsync("/v1/auth/email/verify", new { token });

    private Task<Answer> LogInAsync(Mailbox mailbox, string password = TestUser.Password) => platform.Anonymous().PostAsync("/v1/auth/login", new { email = mailbox.Address, password });

    private Task<long> UsersAsync(Mailbox mailbox) => platform.ScalarAsync<long>("SELECT COUNT(*) FROM users WHERE email = @Address", new { mailbox.Address });

    private ApiCaller AnonymousAt(LicensingApiUnderTest replica, double hours) =>
        new(replica, platform, new ValidonX.Platform.Callers.CallerContext
        {
            Kind = ValidonX.Platform.Callers.CallerKind.Anonymous,
            ExpiresAt = DateTimeOffset.UtcNow.AddHours(hours).AddMinutes(1).ToUnixTimeSeconds(),
        });
}
