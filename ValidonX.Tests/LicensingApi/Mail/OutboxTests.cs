using ValidonX.Tests.LicensingApi.Accounts;

namespace ValidonX.Tests.LicensingApi.Mail;

/// <summary>CONTRACT §9: without a mail server operators read what was mailed, and that they did is recorded.</summary>
[Collection(LicensingCollection.Name)]
public sealed class OutboxTests(LicensingPlatform platform)
{
    [Fact]
    public async Task An_operator_reads_the_mails_to_an_address_in_both_forms()
    {
        var user = await TestUser.CreateAsync(platform);

        var list = (await platform.Operator().GetAsync($"/v1/admin/outbox?to=%20{user.Email.ToUpperInvariant()}")).ShouldBe(200);

        var mail = Assert.Single(list.Data.AsArray())!;
        Assert.Equal(
            ["attempts", "created_at", "error", "expires_at", "html", "id", "sent_at", "status", "subject", "text", "to"],
            mail.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal((user.Email, "waiting"), ((string?)mail["to"], (string?)mail["status"]));
        var (text, html) = ((string)mail["text"]!, (string)mail["html"]!);
        Assert.Contains("http://localhost:5080/verify-email?token=", text, StringComparison.Ordinal);
        Assert.Contains("href=\"http://localhost:5080/verify-email?token=", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Ada", text + html, StringComparison.Ordinal);
        Assert.Null(list.Meta["next_cursor"]);
    }

    [Fact]
    public async Task What_a_mail_says_is_sealed_at_rest_and_its_token_is_a_hash()
    {
        var user = await TestUser.CreateAsync(platform);
        (await platform.Anonymous().PostAsync("/v1/auth/forgot-password", new { email = user.Email })).ShouldBe(202);
        var token = await user.Mailbox.TokenAsync();

        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM outbox_mails WHERE sealed_body LIKE '%token=%' OR sealed_body LIKE @token", new { token = $"%{token}%" }));
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM mailed_tokens WHERE token_hash LIKE @token", new { token = $"%{token[24..]}%" }));
    }

    [Fact]
    public async Task Reading_is_recorded_with_the_mails_that_were_read()
    {
        var user = await TestUser.CreateAsync(platform);
        var reader = Guid.CreateVersion7();

        var list = (await platform.Operator(id: reader).GetAsync($"/v1/admin/outbox?to={user.Email}")).ShouldBe(200);

        var details = await platform.ScalarAsync<string>("SELECT details FROM audit_logs WHERE action = 'outbox.read' AND actor_id = @id", new { id = reader.ToString() });
        Assert.Contains((string)list.Data[0]!["id"]!, details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_read_page_by_page_by_operators_only()
    {
        var user = await TestUser.CreateAsync(platform);
        (await platform.Anonymous().PostAsync("/v1/auth/forgot-password", new { email = user.Email })).ShouldBe(202);

        var first = (await platform.Operator().GetAsync($"/v1/admin/outbox?to={user.Email}&limit=1")).ShouldBe(200);
        var second = (await platform.Operator().GetAsync($"/v1/admin/outbox?to={user.Email}&limit=1&cursor={(string)first.Meta["next_cursor"]!}")).ShouldBe(200);

        Assert.Equal(("Set a new password", "Confirm your e-mail address"), ((string?)first.Data[0]!["subject"], (string?)second.Data[0]!["subject"]));
        Assert.Null(second.Meta["next_cursor"]);
        (await user.Here.GetAsync("/v1/admin/outbox")).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        (await platform.Operator().GetAsync("/v1/admin/outbox?to=nobody")).ShouldBe(422, "VALIDATION.FAILED");
    }
}
