using Microsoft.Extensions.Options;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Mail;

namespace ValidonX.LicensingApi.Mail;

/// <summary>
/// The mails about accounts. What strangers can write (names above all) is in none of them, so that nobody can have us send their words to others.
/// </summary>
internal sealed class AccountMails(IOptions<MailLinkOptions> options)
{
    private const string Unasked = "If this was not you, you need not do anything: without this link nothing happens.";

    /// <summary>To prove the address of a registration.</summary>
    public MailText VerifyEmail(MailedToken token) => MailText.Of(
        "Confirm your e-mail address",
        ["Somebody has registered at ValidonX with this e-mail address. To confirm it and open the account, follow this link within 24 hours:"],
        Link("verify-email", token),
        ["If this was not you, do not follow it: the account would open with the password of whoever registered."]);

    /// <summary>To the owner of an address that somebody has registered once more.</summary>
    public MailText AccountExists() => MailText.Of(
        "You have an account already",
        [
            "Somebody has registered at ValidonX, or asked for a confirmation, with this e-mail address, which has an account already. Nothing was changed.",
            "If this was you, sign in; if you have forgotten the password, ask for a new one on this page:",
        ],
        options.Value.PageOf("forgot-password"),
        ["If this was not you, you need not do anything."]);

    /// <summary>To set a new password.</summary>
    public MailText ResetPassword(MailedToken token) => MailText.Of(
        "Set a new password",
        ["Somebody has asked for a new password for the ValidonX account of this e-mail address. To set one, follow this link within an hour:"],
        Link("reset-password", token),
        [Unasked]);

    /// <summary>After the password was changed.</summary>
    public MailText PasswordChanged() => MailText.Of(
        "Your password was changed",
        [
            "The password of the ValidonX account of this e-mail address was changed, which ended its other sessions.",
            "If this was not you, set a new password at once on this page:",
        ],
        options.Value.PageOf("forgot-password"));

    /// <summary>After a second factor was turned on.</summary>
    public MailText TwoFactorOn() => Notice("Two-factor authentication is on", "From now on, signing in to the ValidonX account of this e-mail address takes a code of your device.");

    /// <summary>After a second factor was turned off.</summary>
    public MailText TwoFactorOff() => Notice("Two-factor authentication is off", "Signing in to the ValidonX account of this e-mail address takes the password alone again.");

    /// <summary>After the recovery codes were replaced.</summary>
    public MailText RecoveryCodesRenewed() => Notice("Your recovery codes were replaced", "The recovery codes of the ValidonX account of this e-mail address were replaced; the former ones are of no use any more.");

    /// <summary>After a passkey was made.</summary>
    public MailText PasskeyAdded() => Notice("A passkey was added", "From now on, a new passkey signs in to the ValidonX account of this e-mail address.");

    /// <summary>After one was deleted.</summary>
    public MailText PasskeyRemoved() => Notice("A passkey was deleted", "A passkey of the ValidonX account of this e-mail address was deleted.");

    /// <summary>After the account was deleted.</summary>
    public static MailText AccountDeleted() => MailText.Of(
        "Your account was deleted", ["The ValidonX account of this e-mail address was deleted with all that belonged to it, as was asked for with its password."]);

    private MailText Notice(string subject, string sentence) =>
        MailText.Of(subject, [sentence, "If this was not you, set a new password at once on this page, which ends all sessions:"], options.Value.PageOf("forgot-password"));

    private Uri Link(string page, MailedToken token) => new($"{options.Value.PageOf(page)}?token={token.Reveal()}");
}
