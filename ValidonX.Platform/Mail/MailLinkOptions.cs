namespace ValidonX.Platform.Mail;

/// <summary>Configuration section <c>Mail</c>: what who writes mails has to know of it, the licensing API and the provisioner.</summary>
public sealed class MailLinkOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Mail";

    /// <summary>Where the pages are that links in mails lead to: the address by which people's browsers reach the portal.</summary>
    public string PublicUrl { get; set; } = "http://localhost:5080";

    /// <summary>Whether links can be made of it.</summary>
    public bool IsValid => Uri.TryCreate(PublicUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { Query: "", Fragment: "", UserInfo: "" };

    /// <summary>What an operator has to mend when they cannot.</summary>
    public const string Problem = $"{Section}:PublicUrl must be the http or https address of the portal, without query and fragment.";

    /// <summary>The address of a page.</summary>
    /// <param name="page">Its path, without a slash at its start.</param>
    public Uri PageOf(string page) => new($"{PublicUrl.TrimEnd('/')}/{page}");
}
