using ValidonX.Tests.Telemetry;

namespace ValidonX.Tests.EndToEnd;

/// <summary>A tenant of the suite, with its app's and its owner's credentials at each gateway.</summary>
internal sealed class TestTenant(Guid id, string slug, string apiKey, string bearerToken, IReadOnlyList<HttpClient> gateways)
{
    public Guid Id { get; } = id;

    public string Slug { get; } = slug;

    public string ApiKey { get; } = SecretScan.Noted(apiKey);

    public string BearerToken { get; } = SecretScan.Noted(bearerToken);

    /// <summary>The customer app, through the first gateway.</summary>
    public Caller App { get; } = new(gateways[0], null, apiKey);

    /// <summary>The customer app, through each gateway.</summary>
    public IReadOnlyList<Caller> Apps { get; } = [.. gateways.Select(gateway => new Caller(gateway, null, apiKey))];

    /// <summary>The tenant's owner.</summary>
    public Caller Owner { get; } = new(gateways[0], bearerToken, null);

    /// <summary>Creates a license; gives the answer's <c>license</c>.</summary>
    public async Task<TestLicense> CreateLicenseAsync(object? fields = null)
    {
        var answer = await Owner.PostAsync("/v1/tenant/licenses", fields ?? new { });
        answer.ShouldBe(201);
        var license = answer.Data["license"]!;
        return new TestLicense(Guid.Parse((string)license["id"]!), SecretScan.Noted((string)license["key"]!));
    }
}

internal sealed record TestLicense(Guid Id, string Key);
