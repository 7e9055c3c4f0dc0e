using MailKit.Security;
using MimeKit;

namespace ValidonX.Provisioner.Mail;

/// <summary>Configuration section <c>Mail</c>: how mails are sent. Without a server they stay in the outbox, for operators to read.</summary>
internal sealed class MailOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Mail";

    /// <summary>The sender, <c>ValidonX &lt;no-reply@example.com&gt;</c>.</summary>
    public string From { get; set; } = "";

    /// <summary>The mail server.</summary>
    public SmtpOptions Smtp { get; set; } = new();

    /// <summary>How often an idle process looks for mails by itself; a signal wakes it at once.</summary>
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The pause after the first failed try of a mail; each further one is twice as long, up to a quarter of an hour.</summary>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether mails are sent.</summary>
    public bool IsConfigured => !string.IsNullOrEmpty(Smtp.Host);

    /// <summary>What an operator has to mend, or <see langword="null"/>.</summary>
    public IEnumerable<string> Problems()
    {
        if (Poll <= TimeSpan.Zero || FirstPause <= TimeSpan.Zero)
        {
            yield return $"{Section}:Poll and {Section}:FirstPause must be longer than nothing.";
        }

        if (!IsConfigured)
        {
            yield break;
        }

        if (!MailboxAddress.TryParse(From, out var from) || !from.Address.Contains('@', StringComparison.Ordinal))
        {
            yield return $"{Section}:From must be the sender's address, such as 'ValidonX <no-reply@example.com>', where {Section}:Smtp:Host is set.";
        }

        if (Smtp.Port is < 1 or > 65535)
        {
            yield return $"{Section}:Smtp:Port must be a port.";
        }

        // As everywhere (decision 15): beyond this machine nothing travels in the clear, and what is read there is a key to an account.
        if (Smtp is { Security: SmtpSecurity.None, IsHere: false })
        {
            yield return $"{Section}:Smtp:Security is None, which is for a mail server on this machine only: use StartTls or Tls.";
        }

        if (string.IsNullOrEmpty(Smtp.UserName) != string.IsNullOrEmpty(Smtp.Password))
        {
            yield return $"Set both {Section}:Smtp:UserName and {Section}:Smtp:Password, or neither.";
        }
    }
}

/// <summary>The mail server.</summary>
internal sealed class SmtpOptions
{
    /// <summary>Its name or address; without one mails are not sent.</summary>
    public string? Host { get; set; }

    /// <summary>Its port.</summary>
    public int Port { get; set; } = 587;

    /// <summary>How the connection is protected.</summary>
    public SmtpSecurity Security { get; set; } = SmtpSecurity.StartTls;

    /// <summary>The login, if the server wants one.</summary>
    public string? UserName { get; set; }

    /// <summary>The login's password.</summary>
    public string? Password { get; set; }

    /// <summary>Whether it is on this machine.</summary>
    public bool IsHere => Host is "localhost" || (System.Net.IPAddress.TryParse(Host, out var address) && System.Net.IPAddress.IsLoopback(address));

    /// <summary>As MailKit says it.</summary>
    public SecureSocketOptions SocketOptions => Security switch
    {
        SmtpSecurity.None => SecureSocketOptions.None,
        SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.StartTls,
    };
}

/// <summary>How a connection to a mail server is protected.</summary>
internal enum SmtpSecurity
{
    /// <summary>It begins in the clear and must change to TLS before anything is said; a server that cannot is not used.</summary>
    StartTls,

    /// <summary>It is TLS from the first byte.</summary>
    Tls,

    /// <summary>Not at all: on this machine only.</summary>
    None,
}
