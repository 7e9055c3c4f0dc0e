using ValidonX.Platform.SingleSignOn;

namespace ValidonX.Gateway.SingleSignOn;

/// <summary>Registers what takes tokens of tenants' issuers for callers.</summary>
internal static class SingleSignOnRegistration
{
    /// <summary>Adds the check of the tokens, and whom they are.</summary>
    public static void AddSingleSignOn(this IHostApplicationBuilder builder)
    {
        builder.Services.AddTokensOfIssuers();
        builder.Services.AddSingleton<SignOnDirectory>();
        builder.Services.AddSingleton<TokensOfIssuers>();
        builder.Services.AddSingleton<SignedOnResolver>();
    }
}
