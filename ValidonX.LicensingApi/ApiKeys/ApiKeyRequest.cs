using System.Net;
using System.Text.Json;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.ApiKeys;

/// <summary>What a new API key is to be.</summary>
internal sealed record ApiKeyRequest : IRequest, IChecked
{
    private const int MaximumNetworks = 50;

    /// <summary>What its owner knows it by.</summary>
    [Text(120)]
    [Example("Production")]
    public required string Name { get; init; }

    /// <summary>Which parts of the Integration API it may use; none named is all.</summary>
    [Texts(0, 5, 32, Of = ["licenses", "activations", "entitlements", "usage", "resolve"])]
    [Example("""["licenses", "activations"]""")]
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>When it ends, if ever; in the future.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>IP addresses and networks that it may be used from; none named is all.</summary>
    [Texts(0, MaximumNetworks, 64)]
    [Example("""["203.0.113.0/24"]""")]
    public IReadOnlyList<string> AllowedIps { get; init; } = [];

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (!AllowedIps.All(network => IPAddress.TryParse(network, out _) || IPNetwork.TryParse(network, out _)))
        {
            at.Of("allowed_ips").Fail("Must only have IP addresses and networks such as 203.0.113.0/24.");
        }

        if (ExpiresAt <= at.Now)
        {
            at.Of("expires_at").Fail("Must lie in the future.");
        }
    }

    /// <summary>As the store takes it.</summary>
    public NewApiKey ToKey() => new(Name, ToJson(Scopes), ToJson(AllowedIps), ExpiresAt);

    private static string ToJson(IReadOnlyList<string> texts) => JsonSerializer.Serialize(texts, LicensingJson.Default.IReadOnlyListString);
}

/// <summary>How a key is rotated.</summary>
internal sealed record ApiKeyRotation : IRequest
{
    private const long MaximumOverlapSeconds = 30 * 24 * 60 * 60;

    static bool IRequest.IsOptional => true;

    /// <summary>For how long the old key stays valid.</summary>
    [Whole(0, MaximumOverlapSeconds)]
    [Example("86400")]
    public long OverlapSeconds { get; init; } = 24 * 60 * 60;
}
