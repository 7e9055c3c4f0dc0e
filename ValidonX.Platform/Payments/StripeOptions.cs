using Microsoft.Extensions.Options;

namespace ValidonX.Platform.Payments;

/// <summary>Configuration section <c>Billing:Stripe</c>: how cards are charged. Without a secret key they are not, and operators note payments by hand.</summary>
public sealed class StripeOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Billing:Stripe";

    /// <summary>The account's secret key, or a restricted one.</summary>
    public string SecretKey { get; set; } = "";

    /// <summary>The signing secret of the endpoint to which Stripe sends its events; only the licensing API needs it.</summary>
    public string WebhookSecret { get; set; } = "";

    /// <summary>Where Stripe's API is.</summary>
    public string ApiBase { get; set; } = "https://api.stripe.com";

    /// <summary>The page to which people's browsers come back from Stripe's pages; <c>?payment=done</c> or <c>=canceled</c> is added.</summary>
    public string ReturnUrl { get; set; } = "http://localhost:5080/billing";

    /// <summary>How far an event's signature may be from now.</summary>
    public TimeSpan Tolerance { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one try of a call of Stripe's API may take, of two: together less than a gateway waits.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>Whether cards can be charged.</summary>
    public bool IsOn => SecretKey.Length > 0;

    /// <summary>Whether the key moves real money.</summary>
    public bool IsLive => SecretKey.Contains("_live_", StringComparison.Ordinal);

    /// <summary>What an operator has to mend; it quotes no secret.</summary>
    public IEnumerable<string> Problems()
    {
        if (!IsOn)
        {
            if (WebhookSecret.Length > 0)
            {
                yield return $"{Section}:WebhookSecret is of no use without {Section}:SecretKey.";
            }

            yield break;
        }

        if (!SecretKey.StartsWith("sk_", StringComparison.Ordinal) && !SecretKey.StartsWith("rk_", StringComparison.Ordinal))
        {
            yield return $"{Section}:SecretKey must be a secret key (sk_…) or a restricted one (rk_…).";
        }

        if (WebhookSecret.Length > 0 && !WebhookSecret.StartsWith("whsec_", StringComparison.Ordinal))
        {
            yield return $"{Section}:WebhookSecret must be a signing secret (whsec_…).";
        }

        if (!Uri.TryCreate(ApiBase, UriKind.Absolute, out var api) || !(api.Scheme == "https" || (api.Scheme == "http" && api.IsLoopback)) || api.PathAndQuery != "/")
        {
            yield return $"{Section}:ApiBase must be an https address without a path.";
        }

        if (!Uri.TryCreate(ReturnUrl, UriKind.Absolute, out var back) || back.Scheme is not ("http" or "https") || back is not { Query: "", Fragment: "", UserInfo: "" })
        {
            yield return $"{Section}:ReturnUrl must be the http or https address of a page, without query and fragment.";
        }

        if (Tolerance <= TimeSpan.Zero || Tolerance > TimeSpan.FromHours(1))
        {
            yield return $"{Section}:Tolerance must be longer than nothing and at most an hour.";
        }

        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromSeconds(12))
        {
            yield return $"{Section}:Timeout must be 1 to 12 seconds.";
        }
    }
}

/// <summary>Ends a start with a sentence for each thing that is wrong.</summary>
internal sealed class StripeOptionsValidator : IValidateOptions<StripeOptions>
{
    public ValidateOptionsResult Validate(string? name, StripeOptions options) =>
        options.Problems().ToList() is { Count: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
}
