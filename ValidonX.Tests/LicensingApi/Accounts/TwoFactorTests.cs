using OtpNet;
using ValidonX.Platform.Callers;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.LicensingApi.Operators;

namespace ValidonX.Tests.LicensingApi.Accounts;

/// <summary>CONTRACT §9: a second factor by TOTP. Each code does once, wrong ones are few, and a lost device has recovery codes.</summary>
[Collection(LicensingCollection.Name)]
public sealed class TwoFactorTests(LicensingPlatform platform)
{
    private const string Path = "/v1/account/two-factor";

    [Fact]
    public async Task A_second_factor_is_asked_for_once_it_is_confirmed()
    {
        var user = await TestUser.CreateAsync(platform);
        var begun = (await user.Here.PostAsync(Path)).ShouldBe(201);
        var secret = (string)begun.Data["secret"]!;
        Assert.Equal(["otpauth_url", "qr_svg", "secret"], begun.Data.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.StartsWith("otpauth://totp/ValidonX", (string)begun.Data["otpauth_url"]!, StringComparison.Ordinal);
        Assert.Contains(secret, (string)begun.Data["otpauth_url"]!, StringComparison.Ordinal);
        Assert.StartsWith("<svg", (string)begun.Data["qr_svg"]!, StringComparison.Ordinal);
        (await user.LogInAsync()).ShouldBe(200);

        (await user.Here.PostAsync($"{Path}/confirm", new { otp = "000000" })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        var confirmed = (await user.Here.PostAsync($"{Path}/confirm", new { otp = CodeOf(secret) })).ShouldBe(200);

        Assert.Equal(10, confirmed.Data["recovery_codes"]!.AsArray().Select(code => (string?)code).Distinct().Count());
        (await user.LogInAsync()).ShouldBe(401, "AUTH.TWO_FACTOR_REQUIRED");
        (await user.LogInAsync("not the password", CodeOf(secret, 1))).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        Assert.True((bool)(await user.LogInAsync(otp: CodeOf(secret, 1))).ShouldBe(200).Data["user"]!["two_factor"]!);
        (await user.Here.PostAsync(Path)).ShouldBe(409, "RESOURCE.CONFLICT");
        Assert.Equal("Two-factor authentication is on", (await user.Mailbox.SubjectsAsync())[0]);
        Assert.Equal((1, 1), (await user.EventsAsync("user.two_factor_begun"), await user.EventsAsync("user.two_factor_enabled")));
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM two_factors WHERE owner_id = @Id AND CAST(sealed_secret AS CHAR) LIKE @secret", new { user.Id, secret = $"%{secret}%" }));
    }

    [Fact]
    public async Task A_token_alone_begins_none_once_the_sign_in_is_a_while_ago()
    {
        var user = await TestUser.CreateAsync(platform);
        await platform.ExecuteAsync("UPDATE personal_access_tokens SET created_at = created_at - INTERVAL 6 MINUTE WHERE id = @Id", new { user.Token.Id });

        var refused = (await user.Here.PostAsync(Path)).ShouldBe(422, "VALIDATION.FAILED");
        Assert.Equal(["password"], refused.Details.AsObject().Select(field => field.Key));
        (await user.Here.PostAsync(Path, new { password = "not the password" })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        Assert.Equal(0, await user.EventsAsync("user.two_factor_begun"));
        (await user.Here.PostAsync(Path, new { password = TestUser.Password })).ShouldBe(201);

        // Who has just set a password has proved as much, and who has none has nothing but the token.
        (await user.Here.PutAsync("/v1/account/password", new { current_password = TestUser.Password, password = "a new and good one" })).ShouldBe(204);
        (await user.Here.PostAsync(Path)).ShouldBe(201);
        await platform.ExecuteAsync(
            "UPDATE personal_access_tokens SET proved_at = NULL WHERE id = @Token; UPDATE users SET password_hash = NULL WHERE id = @Id", new { Token = user.Token.Id, user.Id });
        (await user.Here.PostAsync(Path)).ShouldBe(201);
    }

    [Fact]
    public async Task No_code_does_twice_also_not_at_once_on_two_replicas()
    {
        var (user, secret, _) = await WithSecondFactorAsync();
        var code = CodeOf(secret, 1);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => user.LogInAsync(otp: code, replica: i % 2)));

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.ShouldBe(401, "AUTH.INVALID_CREDENTIALS"));
        // Nor does one of a step before it.
        (await user.LogInAsync(otp: CodeOf(secret))).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
    }

    [Fact]
    public async Task A_recovery_code_does_once_however_it_is_written()
    {
        var (user, _, codes) = await WithSecondFactorAsync();

        (await user.LogInAsync(otp: codes[3].ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal))).ShouldBe(200);

        (await user.LogInAsync(otp: codes[3])).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        (await user.LogInAsync(otp: codes[4])).ShouldBe(200);
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM recovery_codes WHERE owner_id = @Id AND CAST(code_hash AS CHAR) LIKE @code", new { user.Id, code = $"%{codes[5]}%" }));
    }

    [Fact]
    public async Task Recovery_codes_are_nobody_elses()
    {
        var (_, _, codes) = await WithSecondFactorAsync();
        var (other, _, _) = await WithSecondFactorAsync();

        (await other.LogInAsync(otp: codes[0])).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
    }

    [Fact]
    public async Task Renewed_recovery_codes_take_the_place_of_all_former_ones()
    {
        var (user, secret, codes) = await WithSecondFactorAsync();

        (await user.Here.PostAsync($"{Path}/recovery-codes", new { otp = "000000" })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        var renewed = (await user.Here.PostAsync($"{Path}/recovery-codes", new { otp = CodeOf(secret, 1) })).ShouldBe(200).Data["recovery_codes"]!.AsArray();

        Assert.Equal(10, renewed.Count);
        (await user.LogInAsync(otp: codes[0])).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        (await user.LogInAsync(otp: (string)renewed[0]!)).ShouldBe(200);
    }

    [Fact]
    public async Task Five_wrong_codes_bar_also_the_right_one_for_a_quarter_of_an_hour()
    {
        await using var later = await platform.StartReplicaAsync(new ShiftedClock(TimeSpan.FromMinutes(16)));
        var (user, secret, codes) = await WithSecondFactorAsync();
        for (var i = 0; i < 5; i++)
        {
            (await user.LogInAsync(otp: "not a code")).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        }

        var barred = (await user.LogInAsync(otp: CodeOf(secret, 1))).ShouldBe(429, "AUTH.ACCOUNT_LOCKED");
        (await user.LogInAsync(otp: codes[0])).ShouldBe(429, "AUTH.ACCOUNT_LOCKED");
        (await user.LogInAsync()).ShouldBe(401, "AUTH.TWO_FACTOR_REQUIRED");

        Assert.InRange(int.Parse(barred.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 900);
        var anonymous = new ApiCaller(later, platform, new CallerContext { Kind = CallerKind.Anonymous, ExpiresAt = DateTimeOffset.UtcNow.AddMinutes(17).ToUnixTimeSeconds() });
        (await anonymous.PostAsync("/v1/auth/login", new { email = user.Email, password = TestUser.Password, otp = codes[0] })).ShouldBe(200);
    }

    [Fact]
    public async Task A_code_of_it_turns_it_off()
    {
        var (user, secret, _) = await WithSecondFactorAsync();

        (await user.Here.SendAsync(HttpMethod.Delete, Path, new { otp = "000000" })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await user.Here.SendAsync(HttpMethod.Delete, Path, new { otp = CodeOf(secret, 1) })).ShouldBe(204);

        (await user.LogInAsync()).ShouldBe(200);
        (await user.Here.SendAsync(HttpMethod.Delete, Path, new { otp = CodeOf(secret, 1) })).ShouldBe(409, "RESOURCE.CONFLICT");
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM recovery_codes WHERE owner_id = @Id", new { user.Id }));
        Assert.Equal("Two-factor authentication is off", (await user.Mailbox.SubjectsAsync())[0]);
    }

    [Fact]
    public async Task A_new_password_by_mail_leaves_the_second_factor_on()
    {
        var (user, secret, _) = await WithSecondFactorAsync();
        (await platform.Anonymous().PostAsync("/v1/auth/forgot-password", new { email = user.Email })).ShouldBe(202);
        (await platform.Anonymous().PostAsync("/v1/auth/reset-password", new { token = await user.Mailbox.TokenAsync(), password = "a new and good one" })).ShouldBe(200);

        (await user.LogInAsync("a new and good one")).ShouldBe(401, "AUTH.TWO_FACTOR_REQUIRED");
        (await user.LogInAsync("a new and good one", CodeOf(secret, 1))).ShouldBe(200);
    }

    [Fact]
    public async Task An_operator_helps_who_has_lost_everything_and_the_user_is_told()
    {
        var (user, _, _) = await WithSecondFactorAsync();

        (await user.Here.DeleteAsync($"/v1/admin/users/{user.Id}/two-factor")).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        (await platform.Operator().DeleteAsync($"/v1/admin/users/{user.Id}/two-factor")).ShouldBe(204);
        (await platform.Operator().DeleteAsync($"/v1/admin/users/{user.Id}/two-factor")).ShouldBe(204);
        (await platform.Operator().DeleteAsync($"/v1/admin/users/{Guid.NewGuid()}/two-factor")).ShouldBe(404, "RESOURCE.NOT_FOUND");

        (await user.LogInAsync()).ShouldBe(200);
        Assert.Equal("Two-factor authentication is off", (await user.Mailbox.SubjectsAsync())[0]);
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = 'operator.user_two_factor_disabled' AND subject_id = @id", new { id = user.Id.ToString() }));
    }

    [Fact]
    public async Task Operators_have_second_factors_in_the_same_way()
    {
        var one = await TestOperator.CreateAsync(platform);
        var @operator = platform.Operator(id: one.Id);
        (await @operator.PostAsync("/auth/two-factor")).ShouldBe(422, "VALIDATION.FAILED");
        var secret = (string)(await @operator.PostAsync("/auth/two-factor", new { password = TestOperator.Password })).ShouldBe(201).Data["secret"]!;
        (await @operator.PostAsync("/auth/two-factor/confirm", new { otp = CodeOf(secret) })).ShouldBe(200);

        (await LogInAsync(null)).ShouldBe(401, "AUTH.TWO_FACTOR_REQUIRED");
        (await LogInAsync("000000")).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        (await LogInAsync(CodeOf(secret, 1))).ShouldBe(200);
        (await LogInAsync(CodeOf(secret, 1))).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = 'operator.two_factor_enabled' AND actor_id = @id", new { id = one.Id.ToString() }));

        Task<Answer> LogInAsync(string? otp) => one.LogInAsync(otp: otp);
    }

    private async Task<(TestUser User, string Secret, IReadOnlyList<string> RecoveryCodes)> WithSecondFactorAsync()
    {
        var user = await TestUser.CreateAsync(platform);
        var secret = (string)(await user.Here.PostAsync(Path)).ShouldBe(201).Data["secret"]!;
        // The code of this step; the one of the next step, which is taken already, is left.
        var confirmed = (await user.Here.PostAsync($"{Path}/confirm", new { otp = CodeOf(secret) })).ShouldBe(200);
        return (user, secret, [.. confirmed.Data["recovery_codes"]!.AsArray().Select(code => (string)code!)]);
    }

    /// <summary>The code that a device shows, this many steps from now.</summary>
    private static string CodeOf(string secret, int steps = 0) => new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(DateTime.UtcNow.AddSeconds(30 * steps));
}
