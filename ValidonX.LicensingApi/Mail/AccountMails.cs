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

    /// <summary>To an operator, to set a new password. Its subject is its own, so that who asks for users' mails keeps no operator from getting one.</summary>
    public MailText ResetOperatorPassword(MailedToken token) => MailText.Of(
        "Set a new operator's password",
        ["Somebody has asked for a new password for the operator's account of this e-mail address at ValidonX. To set one, follow this link within an hour:"],
        Link("reset-password/operator", token),
        [Unasked]);

    /// <summary>To the operator whose password is configured, hence not to be set by a link.</summary>
    public static MailText OperatorPasswordIsConfigured() => MailText.Of(
        "Your operator's password is configured",
        [
            "Somebody has asked for a new password for the operator's account of this e-mail address at ValidonX. This account's password is the one in the configuration of the installation "
                + "(Operator:Password) and is changed there. Nothing was changed.",
            "If this was not you, you need not do anything.",
        ]);

    /// <summary>To somebody who is to operate the platform.</summary>
    public MailText OperatorInvitation(MailedToken token) => MailText.Of(
        "You are invited to operate ValidonX",
        ["Somebody who operates ValidonX has invited this e-mail address to do so, too. To accept and choose a password, follow this link within 7 days:"],
        Link("accept-invitation/operator", token),
        [Unasked]);

    /// <summary>
    /// To somebody who is invited to a tenant. The tenant's short name is the one thing in it that others have chosen: 40 characters of a-z, 0-9 and hyphens, without which nobody
    /// would know what the invitation is to.
    /// </summary>
    public MailText Invitation(string slug, string role, MailedToken token) => MailText.Of(
        "You are invited to ValidonX",
        [$"Somebody has invited this e-mail address to the vendor '{slug}' at ValidonX, in the role '{role}'. To accept, follow this link within 7 days:"],
        Link("accept-invitation", token),
        ["If you have a ValidonX account, sign in with it. If you do not know the vendor, you need not do anything: without this link nothing happens."]);

    /// <summary>To prove the address that a user wants to have.</summary>
    public MailText ConfirmNewAddress(MailedToken token) => MailText.Of(
        "Confirm your new e-mail address",
        ["Somebody who has a ValidonX account wants to use this e-mail address for it. To confirm it, follow this link within 24 hours:"],
        Link("confirm-email", token),
        [Unasked]);

    /// <summary>To the address that an account still has.</summary>
    public MailText AddressChangeAsked() => Notice(
        "A change of your e-mail address was asked for",
        "Somebody has asked, with the password, to use another e-mail address for the ValidonX account of this one. Nothing is changed before the other address is confirmed.");

    /// <summary>To the address that an account had.</summary>
    public static MailText AddressChanged() => MailText.Of(
        "Your e-mail address was changed",
        [
            "The ValidonX account of this e-mail address has another address now, as was asked for with its password; this one opens it no more.",
            "If this was not you, get in touch with who runs this ValidonX at once.",
        ]);

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
