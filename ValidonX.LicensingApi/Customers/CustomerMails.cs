using ValidonX.Platform.Mail;

namespace ValidonX.LicensingApi.Customers;

/// <summary>The mails to tenants' customers. Of what others have written there is the tenant's own name in them, by which its customer knows whose they are.</summary>
internal static class CustomerMails
{
    /// <summary>The code that lets a license's customer in.</summary>
    /// <param name="tenant">What the tenant calls itself.</param>
    /// <param name="code">The code.</param>
    public static MailText Code(string tenant, string code) => MailText.Of(
        "Your code",
        [
            $"Somebody wants to see the devices of your license of {tenant}. The code for that is:",
            code,
            "Enter it on the page that asks for it, within 10 minutes. It is good once.",
            "If this was not you, you need not do anything: without the code nobody sees or changes anything. Give it to nobody.",
        ]);
}
