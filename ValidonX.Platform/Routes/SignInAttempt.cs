namespace ValidonX.Platform.Routes;

/// <summary>The ways to get into an account without being in it: what a stranger can try, and has to be slowed down at.</summary>
public enum SignInAttempt
{
    /// <summary>None of them.</summary>
    None,

    /// <summary>A password, of the account that the body names.</summary>
    Password,

    /// <summary>To have a mail sent to the address that the body names.</summary>
    Mail,

    /// <summary>A token out of a mail.</summary>
    MailedToken,

    /// <summary>What somebody else has signed: a passkey, or a tenant's issuer. There is nothing to guess, and whose account it is shows only when it is checked.</summary>
    Assertion,

    /// <summary>To have a code mailed to the customer of a license.</summary>
    CustomerMail,

    /// <summary>A code out of such a mail.</summary>
    CustomerCode,
}
