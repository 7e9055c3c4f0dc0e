namespace ValidonX.Platform.Mail;

/// <summary><c>outbox_mails.status</c>.</summary>
public static class MailStatus
{
    /// <summary>To be sent or, where no mail server is configured, to be read by an operator.</summary>
    public const string Waiting = "waiting";

    /// <summary>The mail server has taken it.</summary>
    public const string Sent = "sent";

    /// <summary>Not sent, for good.</summary>
    public const string Failed = "failed";

    /// <summary>No mail, only the work of writing one.</summary>
    public const string Void = "void";
}
