using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Mail;

namespace ValidonX.LicensingApi.Mail;

/// <summary>A row of <c>outbox_mails</c>.</summary>
internal sealed record MailRow
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "id, recipient, subject, sealed_body, status, attempts, error, expires_at, sent_at, created_at";

    public Guid Id { get; init; }

    public string Recipient { get; init; } = "";

    public string Subject { get; init; } = "";

    public byte[]? SealedBody { get; init; }

    public string Status { get; init; } = "";

    public int Attempts { get; init; }

    public string? Error { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? SentAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>As an operator sees it.</summary>
    public ShownMail Show(MailBody? body) => new(Id, Recipient, Subject, body?.Text, body?.Html, Status, Attempts, Error, ExpiresAt, SentAt, CreatedAt);
}

/// <summary>A mail in the outbox.</summary>
/// <param name="Id">Its id.</param>
/// <param name="To">Who gets it.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="Text">The plain text; null once the mail has been sent.</param>
/// <param name="Html">The same as HTML; null once the mail has been sent.</param>
/// <param name="Status">`waiting` to be sent (without a mail server, to be read here), `sent`, or `failed` for good.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Error">Why the last try failed.</param>
/// <param name="ExpiresAt">When its link is of no use any more; it is not sent after that.</param>
/// <param name="SentAt">When the mail server took it.</param>
/// <param name="CreatedAt">When it was written.</param>
internal sealed record ShownMail(
    Guid Id,
    string To,
    string Subject,
    string? Text,
    string? Html,
    [property: Words(MailStatus.Waiting, MailStatus.Sent, MailStatus.Failed)] string Status,
    int Attempts,
    string? Error,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? SentAt,
    DateTimeOffset CreatedAt);
