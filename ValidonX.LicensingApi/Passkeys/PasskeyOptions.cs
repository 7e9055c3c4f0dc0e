using Fido2NetLib;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Mail;

namespace ValidonX.LicensingApi.Passkeys;

/// <summary>Configuration section <c>Passkeys</c>: for which pages passkeys are. By default the page that links in mails lead to (<c>Mail:PublicUrl</c>).</summary>
internal sealed class PasskeyOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Passkeys";

    /// <summary>The domain that passkeys belong to. Another one makes all of them useless.</summary>
    public string RelyingPartyId { get; set; } = "";

    /// <summary>The origins of the pages that may ask for them: <c>https://portal.example</c>.</summary>
    public IList<string> Origins { get; init; } = [];

    /// <summary>Fills in what is not set.</summary>
    internal sealed class Defaults(IOptions<MailLinkOptions> links) : IPostConfigureOptions<PasskeyOptions>
    {
        public void PostConfigure(string? name, PasskeyOptions options)
        {
            if (!Uri.TryCreate(links.Value.PublicUrl, UriKind.Absolute, out var page))
            {
                return;
            }

            if (options.Origins.Count == 0)
            {
                options.Origins.Add(page.GetLeftPart(UriPartial.Authority));
            }

            if (options.RelyingPartyId.Length == 0)
            {
                options.RelyingPartyId = page.IdnHost;
            }
        }
    }

    /// <summary>Reports everything that is wrong at once.</summary>
    internal sealed class Validator : IValidateOptions<PasskeyOptions>
    {
        public ValidateOptionsResult Validate(string? name, PasskeyOptions options)
        {
            var errors = options.Origins.Where(origin => !IsOriginOf(origin, options.RelyingPartyId))
                .Select(origin => $"{Section}:Origins: '{origin}' is no origin (https://host, or http://localhost) of the domain '{options.RelyingPartyId}' of {Section}:RelyingPartyId.")
                .ToList();
            return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
        }

        private static bool IsOriginOf(string origin, string domain) =>
            Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.GetLeftPart(UriPartial.Authority) == origin
            && (uri.Scheme == Uri.UriSchemeHttps || uri.IsLoopback)
            && (uri.IdnHost == domain || uri.IdnHost.EndsWith($".{domain}", StringComparison.Ordinal));
    }

    /// <summary>The same as the library takes it.</summary>
    public Fido2Configuration ToConfiguration() => new() { RPID = RelyingPartyId, RPName = "ValidonX", Origins = Origins.ToHashSet(StringComparer.Ordinal), Timeout = 5 * 60 * 1000 };
}
