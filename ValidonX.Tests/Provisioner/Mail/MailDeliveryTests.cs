using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Secrets;
using ValidonX.Provisioner.Mail;

namespace ValidonX.Tests.Provisioner.Mail;

/// <summary>What is committed is mailed, once, whoever dies on the way; what cannot be mailed is shown and not forgotten silently.</summary>
public sealed partial class MailDeliveryTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_is_sent_in_both_forms_and_what_it_said_is_forgotten()
    {
        await using var server = new SmtpServer();
        using var worker = await fixture.StartWorkerHereAsync(more: Smtp(server));

        var (id, to) = await WriteAsync();

        await UntilAsync(id, MailStatus.Sent);
        var mail = Assert.Single(server.To(to));
        Assert.Contains("From: ValidonX <no-reply@validonx.example>", mail, StringComparison.Ordinal);
        Assert.Contains("Subject: Set a new password", mail, StringComparison.Ordinal);
        Assert.Contains($"Message-Id: <{id:N}@validonx.example>", mail, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Auto-Submitted: auto-generated", mail, StringComparison.Ordinal);
        Assert.Contains("text/plain", mail, StringComparison.Ordinal);
        Assert.Contains("text/html", mail, StringComparison.Ordinal);
        Assert.Contains("https://portal.example/reset-password?token", mail, StringComparison.Ordinal);
        Assert.Equal("1||1", Assert.Single(await fixture.RowsAsync("SELECT attempts, error, sealed_body IS NULL AND sent_at IS NOT NULL FROM outbox_mails WHERE id = @id", new { id })));
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Without_a_mail_server_mails_stay_and_what_is_written_for_nobody_is_never_sent()
    {
        using (var worker = await fixture.StartWorkerHereAsync(more: ("Provisioner:UpkeepInterval", "00:00:00.050")))
        {
            var (kept, _) = await WriteAsync();
            await fixture.WaitUntilSucceededAsync(await fixture.RequestTenantAsync());
            Assert.Equal(MailStatus.Waiting, await StatusAsync(kept));
            await worker.StopAsync(Cancellation);
        }

        await using var server = new SmtpServer();
        var (nothing, nobody) = await WriteAsync(isReal: false);
        using var sender = await fixture.StartWorkerHereAsync(more: Smtp(server));
        var (id, _) = await WriteAsync();
        await UntilAsync(id, MailStatus.Sent);
        Assert.Empty(server.To(nobody));
        Assert.Equal(MailStatus.Void, await StatusAsync(nothing));
        await sender.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_server_that_is_away_costs_no_mail_a_try_and_gets_them_when_it_is_back()
    {
        var away = new SmtpServer();
        var settings = Smtp(away);
        await away.DisposeAsync();
        using var worker = await fixture.StartWorkerHereAsync(more: settings);
        var (late, _) = await WriteAsync(life: TimeSpan.FromSeconds(1));

        // Of no use any more: given up, and shown so.
        await UntilAsync(late, MailStatus.Failed);
        Assert.Equal("0|It could not be sent in time.|1", Assert.Single(await fixture.RowsAsync("SELECT attempts, error, sealed_body IS NULL FROM outbox_mails WHERE id = @late", new { late })));
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_refusal_for_now_is_tried_again_and_one_for_good_is_given_up_and_told()
    {
        await using var server = new SmtpServer();
        var refusals = 0;
        // Mails that other tests have left are delivered too.
        server.Recipient = line =>
            line.Contains("nobody-", StringComparison.Ordinal) ? "550 no such mailbox"
            : line.Contains("busy-", StringComparison.Ordinal) && ++refusals <= 2 ? "451 try again"
            : "250 OK";
        using var worker = await fixture.StartWorkerHereAsync(more: Smtp(server));
        var (later, to) = await WriteAsync($"busy-{Guid.NewGuid():N}@tenant.example");
        await UntilAsync(later, MailStatus.Sent);

        var (never, nobody) = await WriteAsync($"nobody-{Guid.NewGuid():N}@tenant.example");
        await UntilAsync(never, MailStatus.Failed);

        Assert.Single(server.To(to));
        Assert.Equal("3", Assert.Single(await fixture.RowsAsync("SELECT attempts FROM outbox_mails WHERE id = @later", new { later })));
        Assert.Empty(server.To(nobody));
        Assert.Equal("1|550 no such mailbox", Assert.Single(await fixture.RowsAsync("SELECT attempts, CONCAT('550 ', error) FROM outbox_mails WHERE id = @never", new { never })));
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_mail_whose_writer_died_after_the_commit_is_sent_and_nobody_else_sends_it_too()
    {
        await using var server = new SmtpServer();
        // No signal was given: its writer died before it could.
        var mails = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => WriteAsync()));

        using var first = await fixture.StartWorkerHereAsync(more: Smtp(server));
        using var second = await fixture.StartWorkerHereAsync(more: Smtp(server));

        foreach (var (id, to) in mails)
        {
            await UntilAsync(id, MailStatus.Sent);
            Assert.Single(server.To(to));
        }

        await first.StopAsync(Cancellation);
        await second.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_sender_killed_with_a_mail_in_hand_leaves_it_to_another_under_the_same_message_id()
    {
        await using var server = new SmtpServer();
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (id, to) = await WriteAsync();
        server.Arrived = async mail =>
        {
            // Others' mails may wait, too.
            if (mail.Contains($"To: {to}", StringComparison.Ordinal))
            {
                arrived.TrySetResult();
                await Task.Delay(Timeout.Infinite, Cancellation);
            }
        };
        await using (WorkerProcess.Start(fixture.Configuration(Smtp(server))))
        {
            // The server has the mail and has not said so: nobody can know.
            await arrived.Task.WaitAsync(Until.Patience, Cancellation);
        }

        server.Arrived = _ => Task.CompletedTask;
        Assert.Equal(MailStatus.Waiting, await StatusAsync(id));
        // As if the lease of two minutes were over.
        await fixture.ExecuteAsync("UPDATE outbox_mails SET due_at = created_at WHERE id = @id", new { id });
        using var next = await fixture.StartWorkerHereAsync(more: Smtp(server));
        await UntilAsync(id, MailStatus.Sent);

        Assert.Single(server.To(to).Select(mail => MessageId().Match(mail).Value).Distinct());
        Assert.Equal(2, server.To(to).Count);
        await next.StopAsync(Cancellation);
    }

    [Fact]
    public async Task What_is_old_is_deleted_and_what_is_not_stays()
    {
        var (old, _) = await WriteAsync();
        var (young, _) = await WriteAsync();
        await fixture.ExecuteAsync("UPDATE outbox_mails SET created_at = UTC_TIMESTAMP(6) - INTERVAL 15 DAY WHERE id = @old", new { old });
        var (dead, alive) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        foreach (var (id, hours) in new[] { (dead, -1), (alive, 1) })
        {
            await fixture.ExecuteAsync(
                """
                INSERT INTO registrations (id, email, name, password_hash, expires_at, created_at)
                VALUES (@id, @email, 'x', 'x', UTC_TIMESTAMP(6) + INTERVAL @hours HOUR, UTC_TIMESTAMP(6));
                INSERT INTO mailed_tokens (id, purpose, subject_id, token_hash, expires_at, created_at)
                VALUES (@id, 'verify', @id, REPEAT('x', 32), UTC_TIMESTAMP(6) + INTERVAL @hours HOUR, UTC_TIMESTAMP(6))
                """,
                new { id, hours, email = $"{id:N}@tenant.example" });
        }

        using var worker = await fixture.StartWorkerHereAsync(more: ("Provisioner:UpkeepInterval", "00:00:00.050"));

        await Until.TrueAsync(async () => await CountAsync("outbox_mails", old) + await CountAsync("registrations", dead) + await CountAsync("mailed_tokens", dead) == 0, "what is old is deleted");
        Assert.Equal((1, 1, 1), (await CountAsync("outbox_mails", young), await CountAsync("registrations", alive), await CountAsync("mailed_tokens", alive)));
        await worker.StopAsync(Cancellation);
    }

    [Fact]
    public void Configuration_that_cannot_do_is_told_all_at_once()
    {
        Assert.Empty(new MailOptions().Problems());
        Assert.Empty(new MailOptions { From = "a@b.example", Smtp = new SmtpOptions { Host = "127.0.0.1", Security = SmtpSecurity.None } }.Problems());

        var problems = new MailOptions { From = "nobody", Smtp = new SmtpOptions { Host = "mail.example", Port = 0, Security = SmtpSecurity.None, UserName = "x" } }.Problems().ToList();

        Assert.Equal(4, problems.Count);
    }

    private static (string Key, string Value)[] Smtp(SmtpServer server) =>
    [
        ("Mail:From", "ValidonX <no-reply@validonx.example>"),
        ("Mail:Smtp:Host", "127.0.0.1"),
        ("Mail:Smtp:Port", server.Port.ToString(CultureInfo.InvariantCulture)),
        ("Mail:Smtp:Security", "None"),
        ("Mail:Poll", "00:00:00.050"),
        ("Mail:FirstPause", "00:00:00.020"),
    ];

    private async Task<(Guid Id, string To)> WriteAsync(string? to = null, TimeSpan? life = null, bool isReal = true)
    {
        to ??= $"user-{Guid.NewGuid():N}@tenant.example";
        Assert.True(EmailAddress.TryParse(to, out var address));
        var outbox = new MailOutbox(new SecretSealer(Options.Create(fixture.Databases.Secrets)), TimeProvider.System);
        var text = MailText.Of("Set a new password", ["Somebody <asked>."], new Uri("https://portal.example/reset-password?token=abc"));
        await fixture.Databases.Platform.TransactAsync(
            (transaction, token) => outbox.WriteAsync(transaction, address, text, DateTimeOffset.UtcNow + (life ?? TimeSpan.FromHours(1)), isReal, token), Cancellation);
        return (await fixture.QueryAsync<Guid>("SELECT id FROM outbox_mails WHERE recipient = @to", new { to }), to);
    }

    private Task<string> StatusAsync(Guid id) => fixture.QueryAsync<string>("SELECT status FROM outbox_mails WHERE id = @id", new { id });

    private Task<long> CountAsync(string table, Guid id) => fixture.QueryAsync<long>($"SELECT COUNT(*) FROM {table} WHERE id = @id", new { id });

    private Task UntilAsync(Guid id, string status) => Until.TrueAsync(async () => await StatusAsync(id) == status, $"the mail is {status}");

    [GeneratedRegex("^Message-Id: .*$", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex MessageId();
}
