using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Licenses;

namespace ValidonX.LicensingApi.Customers;

/// <summary>For which license a code is wanted.</summary>
internal sealed record CustomerCodeRequest : IRequest
{
    /// <summary>The license's key.</summary>
    [LicenseKey]
    [Example("ACME-2026-000042")]
    public required string LicenseKey { get; init; }
}

/// <summary>What lets a license's customer in.</summary>
internal sealed record CustomerSessionRequest : IRequest
{
    /// <summary>The license's key.</summary>
    [LicenseKey]
    [Example("ACME-2026-000042")]
    public required string LicenseKey { get; init; }

    /// <summary>The code that was mailed.</summary>
    [Text(CustomerCodes.Digits, CustomerCodes.Digits, Pattern = "^[0-9]+$", PatternMessage = "Must be the eight digits of the mail.")]
    [Example("12345678")]
    public required string Code { get; init; }
}

/// <summary>What somebody is told who has asked for a code: the same in all cases.</summary>
/// <param name="Status">Always `code_sent`, also when there is nobody to send it to.</param>
internal sealed record CustomerCodeRequested([property: Words("code_sent")] string Status);

/// <summary>A customer's session.</summary>
/// <param name="Token">The token, for the header `X-Customer-Token`.</param>
/// <param name="ExpiresAt">When it ends.</param>
internal sealed record CustomerSession([property: Example("0198c8a0-7b3e-7000-8000-000000000001|Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE")] string Token, DateTimeOffset ExpiresAt);
