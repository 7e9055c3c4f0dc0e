using ValidonX.Platform.Callers;
using ValidonX.Tests.LicensingApi.Accounts;
using ValidonX.Tests.LicensingApi.Mail;

namespace ValidonX.Tests.LicensingApi.Operators;

/// <summary>Operators are invited by mail: the link is good once and for a week, and no password passes through who invites.</summary>
[Collection(LicensingCollection.Name)]
public sealed class OperatorInvitationTests(LicensingPlatform platform)
{
    private const string Path = TestOperator.Path;

    [Fact]
    public async Task Who_is_invited_chooses_a_password_and_is_an_operator_whom_the_audit_log_names()
    {
        var configured = await TestOperator.ConfiguredAsync(platform);
        var email = TestOperator.NewAddress();
        var invited = (await configured.PostAsync(Path, new { email = email.ToUpperInvariant(), name = "Grace Hopper" })).ShouldBe(201).Data["operator"]!;
        var id = (string)invited["id"]!;
        Assert.Equal((email, "Grace Hopper", "invited", false, false), ((string)invited["email"]!, (string)invited["name"]!, (string)invited["status"]!, (bool)invited["configured"]!, (bool)invited["two_factor"]!));
        Assert.Null(invited["last_signed_in_at"]);
        var mailbox = new Mailbox(platform.Operator(), email);
        Assert.Equal(["You are invited to operate ValidonX"], await mailbox.SubjectsAsync());
        // What the inviter wrote is not sent to others.
        Assert.DoesNotContain("Grace", (string)(await mailbox.MailsAsync())[0]["text"]!, StringComparison.Ordinal);
        var token = await mailbox.TokenAsync();
        (await platform.Anonymous().PostAsync("/auth/login", new { email, password = TestOperator.Password })).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");

        (await TestOperator.AcceptAsync(platform, token, "password1234")).ShouldBe(422, "VALIDATION.FAILED");
        (await TestOperator.AcceptAsync(platform, token, $"it is {email.Split('@')[0]}")).ShouldBe(422, "VALIDATION.FAILED");
        var accepted = (await TestOperator.AcceptAsync(platform, token)).ShouldBe(200);

        Assert.Equal((id, email, "Grace Hopper"), ((string)accepted.Data["admin"]!["id"]!, (string)accepted.Data["admin"]!["email"]!, (string)accepted.Data["admin"]!["name"]!));
        var own = new TestOperator(platform, email, Guid.Parse(id), TestOperator.TokenOf(accepted));
        (await own.Here.GetAsync("/auth/me")).ShouldBe(200);
        (await own.LogInAsync()).ShouldBe(200);
        var shown = (await own.Here.GetAsync(own.Own)).ShouldBe(200).Data["operator"]!;
        Assert.Equal("active", (string?)shown["status"]);
        Assert.NotNull(shown["last_signed_in_at"]);
        Assert.Equal(
            "operator.accepted,operator.invited",
            await platform.ScalarAsync<string>("SELECT GROUP_CONCAT(action ORDER BY action) FROM audit_logs WHERE subject_id = @id", new { id }));
        Assert.Equal(2, await own.EventsAsync("operator.logged_in"));
        var entry = (await own.Here.GetAsync($"/v1/admin/audit-logs?action=operator.accepted&actor={id}")).ShouldBe(200).Data[0]!;
        Assert.Equal(("operator", "Grace Hopper"), ((string?)entry["actor"]!["kind"], (string?)entry["actor"]!["name"]));
        Assert.Equal(("invited", "active"), ((string?)entry["before"]!["status"], (string?)entry["after"]!["status"]));
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE details LIKE @address", new { address = $"%{email}%" }));
    }

    [Fact]
    public async Task An_address_is_invited_once_and_bad_fields_are_told_all_at_once()
    {
        var configured = await TestOperator.ConfiguredAsync(platform);
        var (mailbox, _) = await TestOperator.InviteAsync(platform);

        (await configured.PostAsync(Path, new { email = mailbox.Address, name = "Twin" })).ShouldBe(409, "RESOURCE.CONFLICT");
        (await configured.PostAsync(Path, new { email = LicensingPlatform.OperatorEmail, name = "Twin" })).ShouldBe(409, "RESOURCE.CONFLICT");
        var email = TestOperator.NewAddress();
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => await (await TestOperator.CreateAsync(platform)).Here.PostAsync(Path, new { email, name = "Grace" })));
        Assert.Single(answers, answer => answer.Status == 201);
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.ShouldBe(409, "RESOURCE.CONFLICT"));
        Assert.Single(await new Mailbox(platform.Operator(), email).MailsAsync());

        var bad = (await configured.PostAsync(Path, new { email = "nobody", name = "" })).ShouldBe(422, "VALIDATION.FAILED");
        Assert.Equal(["email", "name"], bad.Details.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_repeated_invitation_is_sent_once()
    {
        var configured = await TestOperator.ConfiguredAsync(platform);
        var (email, key) = (TestOperator.NewAddress(), Guid.NewGuid().ToString());

        var first = (await configured.PostAsync(Path, new { email, name = "Grace" }, key)).ShouldBe(201);
        var second = (await configured.PostAsync(Path, new { email, name = "Grace" }, key)).ShouldBe(201);

        Assert.Equal(first.Data.ToJsonString(), second.Data.ToJsonString());
        Assert.Equal("true", second.Header("Idempotency-Replayed"));
        Assert.Single(await new Mailbox(platform.Operator(), email).MailsAsync());
        var path = $"{Path}/{first.Data["operator"]!["id"]}/resend";
        (await configured.PostAsync(path, null, $"{key}-again")).ShouldBe(200);
        (await configured.PostAsync(path, null, $"{key}-again")).ShouldBe(200);
        Assert.Equal(2, (await new Mailbox(platform.Operator(), email).MailsAsync()).Count);
    }

    [Fact]
    public async Task Another_mail_takes_the_place_of_the_former_one_and_links_end_after_a_week()
    {
        await using var later = await platform.StartReplicaAsync(new ShiftedClock(TimeSpan.FromDays(7.1)));
        var anyone = new ApiCaller(later, platform, new CallerContext { Kind = CallerKind.Anonymous, ExpiresAt = DateTimeOffset.UtcNow.AddDays(7.2).ToUnixTimeSeconds() });
        var configured = await TestOperator.ConfiguredAsync(platform);
        var (mailbox, id) = await TestOperator.InviteAsync(platform);
        var first = await mailbox.TokenAsync();
        Assert.Equal("invited", (string?)(await configured.PostAsync($"{Path}/{id}/resend")).ShouldBe(200).Data["operator"]!["status"]);
        var second = await mailbox.TokenAsync();
        Assert.NotEqual(first, second);

        (await TestOperator.AcceptAsync(platform, first)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await anyone.PostAsync("/auth/invitations/accept", new { token = second, password = TestOperator.Password })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await TestOperator.AcceptAsync(platform, $"{second[..^1]}{(second[^1] == 'A' ? 'B' : 'A')}")).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await TestOperator.AcceptAsync(platform, second)).ShouldBe(200);
        // A revoked one opens nothing either, not even to who knows the password.
        (await TestOperator.AcceptAsync(platform, first)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await configured.PostAsync($"{Path}/{id}/resend")).ShouldBe(409, "RESOURCE.CONFLICT");
        (await configured.PostAsync($"{Path}/{Guid.NewGuid()}/resend")).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    [Fact]
    public async Task Tokens_of_other_mails_make_nobody_an_operator_and_an_operators_mail_no_user()
    {
        var user = await TestUser.CreateAsync(platform);
        (await platform.Anonymous().PostAsync("/v1/auth/forgot-password", new { email = user.Email })).ShouldBe(202);
        var reset = await user.Mailbox.TokenAsync();
        var (mailbox, _) = await TestOperator.InviteAsync(platform);
        var token = await mailbox.TokenAsync();

        (await TestOperator.AcceptAsync(platform, reset)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await platform.Anonymous().PostAsync("/auth/reset-password", new { token = reset, password = TestOperator.Password })).ShouldBe(422, "AUTH.PASSWORD_RESET_FAILED");
        (await platform.Anonymous().PostAsync("/v1/auth/reset-password", new { token, password = TestOperator.Password })).ShouldBe(422, "AUTH.PASSWORD_RESET_FAILED");
        (await platform.Anonymous().PostAsync("/auth/reset-password", new { token, password = TestOperator.Password })).ShouldBe(422, "AUTH.PASSWORD_RESET_FAILED");
        (await platform.Anonymous().PostAsync("/v1/auth/invitations/accept", new { token, name = "Grace", password = TestOperator.Password })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await TestOperator.AcceptAsync(platform, token)).ShouldBe(200);
    }

    [Fact]
    public async Task Of_many_who_accept_one_at_once_with_other_passwords_one_is_let_in()
    {
        var (mailbox, id) = await TestOperator.InviteAsync(platform);
        var token = await mailbox.TokenAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => TestOperator.AcceptAsync(platform, token, $"the good password {i}", i % 2)));

        var winner = Array.FindIndex(answers, answer => answer.Status == 200);
        Assert.All(answers.Where((_, i) => i != winner), answer => answer.ShouldBe(403, "AUTH.VERIFICATION_FAILED"));
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM personal_access_tokens WHERE owner_id = @id", new { id }));
        (await platform.Anonymous().PostAsync("/auth/login", new { email = mailbox.Address, password = $"the good password {winner}" })).ShouldBe(200);
    }

    [Fact]
    public async Task Who_accepts_again_with_the_same_password_has_not_got_the_first_answer_and_is_let_in_for_a_while()
    {
        await using var later = await platform.StartReplicaAsync(new ShiftedClock(TimeSpan.FromMinutes(11)));
        var (mailbox, id) = await TestOperator.InviteAsync(platform);
        var token = await mailbox.TokenAsync();
        var first = (await TestOperator.AcceptAsync(platform, token)).ShouldBe(200);

        var second = (await TestOperator.AcceptAsync(platform, token, replica: 1)).ShouldBe(200);

        Assert.Equal((string)first.Data["admin"]!["id"]!, (string)second.Data["admin"]!["id"]!);
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = 'operator.accepted' AND subject_id = @id", new { id = id.ToString() }));
        (await TestOperator.AcceptAsync(platform, token, "not the password of it")).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        var anyone = new ApiCaller(later, platform, new CallerContext { Kind = CallerKind.Anonymous, ExpiresAt = DateTimeOffset.UtcNow.AddMinutes(12).ToUnixTimeSeconds() });
        (await anyone.PostAsync("/auth/invitations/accept", new { token, password = TestOperator.Password })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
    }

    [Fact]
    public async Task Only_operators_see_and_make_operators()
    {
        var tenant = await platform.CreateTenantAsync();
        (await tenant.Owner.GetAsync(Path)).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        (await tenant.Owner.PostAsync(Path, new { email = TestOperator.NewAddress(), name = "Grace" })).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        (await platform.Anonymous().GetAsync(Path)).ShouldBe(401, "AUTH.TOKEN.REQUIRED");
        // A signed context of somebody who is none, any more or at all, changes nobody.
        (await platform.Operator().PostAsync(Path, new { email = TestOperator.NewAddress(), name = "Grace" })).ShouldBe(401, "AUTH.UNAUTHENTICATED");
    }
}
