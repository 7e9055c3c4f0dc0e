using MailKit.Net.Smtp;
using Microsoft.Extensions.Options;
using MimeKit;
using MimeKit.Text;

namespace ValidonX.Provisioner.Mail;

/// <summary>One connection to the mail server, for as many mails as there are.</summary>
internal sealed class SmtpSession(SmtpClient client, MailboxAddress from) : IDisposable
{
    /// <summary>A server that takes longer for one mail is taken for dead, well before somebody else takes the mail.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Connects and logs in.</summary>
    /// <exception cref="MailServerException">It cannot be used.</exception>
    public static async Task<SmtpSession> OpenAsync(IOptions<MailOptions> options, CancellationToken cancellationToken)
    {
        var smtp = options.Value.Smtp;
        var client = new SmtpClient { Timeout = (int)Patience.TotalMilliseconds };
        try
        {
            using var limit = Limited(cancellationToken);
            await client.ConnectAsync(smtp.Host!, smtp.Port, smtp.SocketOptions, limit.Token);
            if (!string.IsNullOrEmpty(smtp.UserName))
            {
                await client.AuthenticateAsync(smtp.UserName, smtp.Password!, limit.Token);
            }

            return new SmtpSession(client, MailboxAddress.Parse(options.Value.From));
        }
        catch (Exception failure) when (MailServerException.Is(failure) && !cancellationToken.IsCancellationRequested)
        {
            client.Dispose();
            throw new MailServerException(failure);
        }
    }

    /// <summary>Hands a mail over. When it returns the server has taken responsibility for it.</summary>
    /// <exception cref="MailServerException">It has not.</exception>
    public async Task SendAsync(MailInHand mail, CancellationToken cancellationToken)
    {
        using var message = Compose(mail);
        using var limit = Limited(cancellationToken);
        try
        {
            await client.SendAsync(message, limit.Token);
        }
        catch (Exception failure) when (MailServerException.Is(failure) && !cancellationToken.IsCancellationRequested)
        {
            throw new MailServerException(failure);
        }
    }

    /// <summary>Says good-bye.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
        catch (Exception rude) when (MailServerException.Is(rude))
        {
            // It has everything that it was to have.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private MimeMessage Compose(MailInHand mail)
    {
        var message = new MimeMessage
        {
            // The same at each try: a server that took the mail just before we died, or its reader, can tell the second one.
            MessageId = $"{mail.Id:N}@{from.Domain}",
            Date = mail.CreatedAt,
            Subject = mail.Subject,
            Body = new MultipartAlternative
            {
                new TextPart(TextFormat.Plain) { Text = mail.Body!.Text },
                new TextPart(TextFormat.Html) { Text = mail.Body.Html },
            },
        };
        message.From.Add(from);
        message.To.Add(new MailboxAddress("", mail.To));
        // No robot shall answer (RFC 3834).
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    private static CancellationTokenSource Limited(CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        return limit;
    }
}
