using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Redis;

namespace ValidonX.Provisioner.Mail;

/// <summary>
/// Sends mails, where a mail server is configured. A mail is marked as sent right after the server has taken it; a process that dies between the two has it sent once
/// more, under the same Message-ID, because SMTP has no way to ask. Nothing else is ever sent twice, and nothing is lost.
/// </summary>
internal sealed partial class MailDelivery(
    MailQueue queue,
    MailMetrics metrics,
    IWakeup wakeup,
    DatabaseOutage outage,
    IOptions<MailOptions> options,
    Random random,
    TimeProvider time,
    ILogger<MailDelivery> logger)
{
    /// <summary>Tries of one mail.</summary>
    private const int MostAttempts = 20;

    private readonly JobBackoff _ofMail = new(options.Value.FirstPause, TimeSpan.FromMinutes(15), random);
    private readonly JobBackoff _ofServer = new(options.Value.FirstPause, TimeSpan.FromMinutes(1), random);
    private int _failures;

    /// <summary>Works until the token is canceled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        if (!options.Value.IsConfigured)
        {
            Log.NotConfigured(logger);
            return;
        }

        using var signals = wakeup.Listen(MailOutbox.WakeupChannel);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var pause = await TryAsync(stopping);
                if (_failures > 0)
                {
                    // No signal makes a server answer.
                    await Task.Delay(pause, time, stopping);
                }
                else
                {
                    await signals.WaitAsync(pause, stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Sends what is due; gives the pause until the next look.</summary>
    private async Task<TimeSpan> TryAsync(CancellationToken stopping)
    {
        try
        {
            metrics.Count(MailMetrics.GivenUp, await queue.ExpireAsync(stopping));
            metrics.SetBacklog(await queue.BacklogAsync(stopping));
            await SendDueAsync(stopping);
            _failures = 0;
            return options.Value.Poll;
        }
        catch (MailServerException failure)
        {
            Log.NotSent(logger, failure.Message);
        }
        catch (Exception away) when (DatabaseError.IsUnavailable(away))
        {
            outage.Note(away);
        }
        catch (Exception failure) when (DatabaseError.IsFailure(failure))
        {
            Log.NotSent(logger, failure.Message);
        }

        return _ofServer.After(++_failures);
    }

    private async Task SendDueAsync(CancellationToken stopping)
    {
        if (await queue.HasDueAsync(stopping))
        {
            // Before any mail is taken: a server that does not answer costs no mail a try.
            using var session = await SmtpSession.OpenAsync(options, stopping);
            while (await queue.TakeAsync(stopping) is { } mail)
            {
                await SendAsync(session, mail, stopping);
            }

            await session.CloseAsync(stopping);
        }
    }

    private async Task SendAsync(SmtpSession session, MailInHand mail, CancellationToken stopping)
    {
        if (mail.Body is null)
        {
            await GiveUpAsync(mail, "It was sealed with another key.", stopping);
            return;
        }

        try
        {
            await session.SendAsync(mail, stopping);
        }
        catch (MailServerException failure)
        {
            if (failure.IsForGood || mail.Attempt >= MostAttempts)
            {
                await GiveUpAsync(mail, failure.Message, stopping);
            }
            else
            {
                metrics.Count(MailMetrics.Postponed);
                await queue.PutBackAsync(mail, _ofMail.After(mail.Attempt), failure.Message, stopping);
            }

            if (failure.IsOfOneMail)
            {
                return;
            }

            throw;
        }

        metrics.Count(MailMetrics.Sent);
        await MarkSentAsync(mail);
    }

    /// <summary>Whoever gave up here would have it sent again, so neither the process's end nor a database that is away for a moment is a reason to.</summary>
    private async Task MarkSentAsync(MailInHand mail)
    {
        while (true)
        {
            try
            {
                await queue.SentAsync(mail, CancellationToken.None);
                return;
            }
            catch (Exception away) when (DatabaseError.IsFailure(away) && time.GetUtcNow() < mail.Until)
            {
                await Task.Delay(options.Value.FirstPause, time, CancellationToken.None);
            }
        }
    }

    private async Task GiveUpAsync(MailInHand mail, string reason, CancellationToken stopping)
    {
        metrics.Count(MailMetrics.GivenUp);
        Log.GivenUp(logger, mail.Id, reason);
        await queue.FailAsync(mail, reason, stopping);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "No mail server is configured (Mail:Smtp:Host): mails stay in the outbox, where operators read them.")]
        public static partial void NotConfigured(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning, "Mails have to wait. {Reason}")]
        public static partial void NotSent(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Error, "The mail {MailId} will not be sent. {Reason}")]
        public static partial void GivenUp(ILogger logger, Guid mailId, string reason);
    }
}
