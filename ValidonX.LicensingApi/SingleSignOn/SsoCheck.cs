using System.Text.Json;
using System.Threading.RateLimiting;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Secrets;
using ValidonX.Platform.SingleSignOn;

namespace ValidonX.LicensingApi.SingleSignOn;

/// <summary>
/// Looks at a tenant's issuer as a sign-in does, and says what it found. What is kept of the issuer is neither used nor changed: who has just repaired something there wants to
/// know of now. What a stranger's server says is told by its status and by words of the standard only.
/// </summary>
internal sealed class SsoCheck(PlatformDatabase platform, SsoStore store, IssuerDocuments documents, SecretSealer sealer) : IDisposable
{
    private const int MostInMinute = 10;

    // Each calls somebody's server three times.
    private readonly PartitionedRateLimiter<Guid> _limiter = PartitionedRateLimiter.Create<Guid, Guid>(tenant =>
        RateLimitPartition.GetFixedWindowLimiter(tenant, _ => new FixedWindowRateLimiterOptions { PermitLimit = MostInMinute, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 }));

    /// <summary>The issuer has been looked at often enough.</summary>
    public static ApiError TooOften { get; } = ApiErrors.RateLimitExceeded with { Message = $"The issuer is looked at {MostInMinute} times a minute at most.", RetryAfterSeconds = 60 };

    /// <summary>Looks.</summary>
    public async Task<Outcome<ShownSsoCheck>> CheckAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        SsoRow? row;
        await using (var connection = await platform.OpenAsync(cancellationToken))
        {
            row = await SsoRow.FindAsync(connection, null, tenantId, cancellationToken);
        }

        if (row is null)
        {
            return ApiErrors.ResourceNotFound;
        }

        using var lease = _limiter.AttemptAcquire(tenantId);
        return lease.IsAcquired ? await CheckAsync(row, cancellationToken) : TooOften;
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();

    private async Task<ShownSsoCheck> CheckAsync(SsoRow row, CancellationToken cancellationToken)
    {
        var steps = new SsoSteps();
        if (await DiscoverAsync(row, steps, cancellationToken) is { } found)
        {
            CheckEndpoints(found, steps);
            await CheckKeysAsync(found, steps, cancellationToken);
            await CheckClientAsync(row, found, steps, cancellationToken);
        }

        return steps.ToAnswer();
    }

    private async Task<OpenIdConnectConfiguration?> DiscoverAsync(SsoRow row, SsoSteps steps, CancellationToken cancellationToken)
    {
        var address = IssuerAddress.DiscoveryOf(row.Issuer).AbsoluteUri;
        var (text, why) = await FetchAsync(address, cancellationToken);
        if (text is null)
        {
            steps.Fail(SsoSteps.Discovery, $"{address}: {why}");
            return null;
        }

        OpenIdConnectConfiguration found;
        try
        {
            found = OpenIdConnectConfiguration.Create(text);
        }
        catch (Exception unreadable) when (unreadable is JsonException or ArgumentException or FormatException)
        {
            steps.Fail(SsoSteps.Discovery, $"{address}: what is there is no discovery document.");
            return null;
        }

        steps.Pass(SsoSteps.Discovery, $"{address} is there.");
        if (found.Issuer == row.Issuer)
        {
            steps.Pass(SsoSteps.Issuer, "The document names the same issuer.");
            return found;
        }

        // Discovery §4.3. The commonest of all mistakes is the slash at the end.
        steps.Fail(SsoSteps.Issuer, found.Issuer?.TrimEnd('/') == row.Issuer.TrimEnd('/')
            ? "The document names the issuer with another slash at its end. It has to be character by character the same."
            : "The document names another issuer. It has to be character by character the same.");
        return null;
    }

    private void CheckEndpoints(OpenIdConnectConfiguration found, SsoSteps steps)
    {
        var missing = new[] { ("authorization_endpoint", found.AuthorizationEndpoint), ("token_endpoint", found.TokenEndpoint), ("jwks_uri", found.JwksUri) }
            .Where(one => !documents.Allows(one.Item2)).Select(one => one.Item1).ToList();
        if (missing.Count > 0)
        {
            steps.Fail(SsoSteps.Endpoints, $"Not there, or no address that begins with https://: {string.Join(", ", missing)}.");
        }
        else if (found.ResponseTypesSupported.Count > 0 && !found.ResponseTypesSupported.Contains("code"))
        {
            steps.Fail(SsoSteps.Endpoints, "The issuer has no authorization code flow (response type code).");
        }
        else if (found.CodeChallengeMethodsSupported is { Count: > 0 } methods && !methods.Contains("S256"))
        {
            steps.Fail(SsoSteps.Endpoints, "The issuer has no proof keys of the method S256 (PKCE).");
        }
        else
        {
            steps.Pass(SsoSteps.Endpoints, "The pages and addresses of a sign-in with a code are there.");
        }
    }

    private async Task CheckKeysAsync(OpenIdConnectConfiguration found, SsoSteps steps, CancellationToken cancellationToken)
    {
        if (!documents.Allows(found.JwksUri))
        {
            steps.Skip(SsoSteps.Keys);
            return;
        }

        var (text, why) = await FetchAsync(found.JwksUri, cancellationToken);
        try
        {
            foreach (var key in text is null ? [] : new JsonWebKeySet(text).GetSigningKeys())
            {
                found.SigningKeys.Add(key);
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or ArgumentException or FormatException)
        {
            why = "What is there is no set of keys.";
        }

        var good = new IssuerKeySet(found, DateTimeOffset.UnixEpoch).Keys.Count;
        if (good > 0)
        {
            steps.Pass(SsoSteps.Keys, good == 1 ? "One key that tokens can be signed with." : $"{good} keys that tokens can be signed with.");
        }
        else
        {
            steps.Fail(SsoSteps.Keys, why.Length > 0 ? $"What jwks_uri names: {why}" : "None of the issuer's keys is good for signatures: RSA of 2048 bits or more, or an elliptic curve.");
        }
    }

    /// <summary>Gives an invented code: an issuer that knows the client says that the code is wrong, and one that does not that the client is (RFC 6749 §5.2), unless it looks at the code first.</summary>
    private async Task CheckClientAsync(SsoRow row, OpenIdConnectConfiguration found, SsoSteps steps, CancellationToken cancellationToken)
    {
        if (!documents.Allows(found.TokenEndpoint))
        {
            steps.Skip(SsoSteps.Client);
            return;
        }

        var invented = Guid.NewGuid().ToString("N");
        List<KeyValuePair<string, string>> form =
            [new("grant_type", "authorization_code"), new("code", invented), new("redirect_uri", store.RedirectUri), new("client_id", row.ClientId), new("code_verifier", invented + invented)];
        if (row.SealedClientSecret is { } secret)
        {
            form.Add(new("client_secret", sealer.Open(secret, SealedPurposes.ClientSecret, row.TenantId)));
        }

        try
        {
            var (status, text) = await documents.AskAsync(found.TokenEndpoint, form, cancellationToken);
            switch (SsoSteps.ErrorOf(text))
            {
                case "invalid_grant":
                    steps.Pass(SsoSteps.Client, "The issuer finds fault with a code that was invented for this look, as it should, and none with the client.");
                    break;
                case "invalid_client" or "unauthorized_client":
                    steps.Fail(SsoSteps.Client, row.SealedClientSecret is null ? "The issuer does not take the client: another id, or a secret is missing." : "The issuer does not take the client: another id, or another secret.");
                    break;
                case var error:
                    steps.Unknown(SsoSteps.Client, $"The issuer answers an invented code with status {(int)status}{(error is null ? "" : $" and {error}")}, which does not say whether it knows the client.");
                    break;
            }
        }
        catch (Exception away) when (Reason(away, cancellationToken) is { } why)
        {
            steps.Fail(SsoSteps.Client, $"The token endpoint: {why}");
        }
    }

    private async Task<(string? Text, string Why)> FetchAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            return (await documents.GetDocumentAsync(address, cancellationToken), "");
        }
        catch (Exception away) when (Reason(away, cancellationToken) is { } why)
        {
            return (null, why);
        }
    }

    private static string? Reason(Exception away, CancellationToken cancellationToken) => away switch
    {
        HttpRequestException { StatusCode: { } status } => $"It answers with status {(int)status}.",
        HttpRequestException => "It cannot be reached: no such host, no connection, a bad certificate, too large an answer, or no address of the internet.",
        TaskCanceledException when !cancellationToken.IsCancellationRequested => "It does not answer in time.",
        _ => null,
    };
}
