using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace ValidonX.Provisioner.Mail;

/// <summary>The mail server refused, or the way to it failed; the reason is within.</summary>
internal sealed class MailServerException(Exception reason) : Exception(reason.Message, reason)
{
    /// <summary>Whether it was about one mail only, so that the connection goes on.</summary>
    public bool IsOfOneMail => InnerException is SmtpCommandException;

    /// <summary>Whether trying that mail again is of no use.</summary>
    public bool IsForGood =>
        InnerException is SmtpCommandException { ErrorCode: SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted } refusal && (int)refusal.StatusCode >= 500;

    /// <summary>Whether a failure is the mail server's, or the network's on the way to it. A canceled wait is, where nobody asked us to stop.</summary>
    public static bool Is(Exception failure) =>
        failure is CommandException or ProtocolException or AuthenticationException or SslHandshakeException
            or IOException or System.Net.Sockets.SocketException or NotSupportedException or OperationCanceledException or TimeoutException;
}
