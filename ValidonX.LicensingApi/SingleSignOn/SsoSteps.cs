using System.Text.Json;
using System.Text.RegularExpressions;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.SingleSignOn;

/// <summary>What a look at a tenant's issuer has found.</summary>
/// <param name="Works">Whether nothing stands against a sign-in.</param>
/// <param name="Steps">Step by step, as a sign-in goes.</param>
internal sealed record ShownSsoCheck(bool Works, IReadOnlyList<ShownSsoStep> Steps);

/// <summary>One step of a look at an issuer.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Status">What came of it; `unknown` if the issuer does not say.</param>
/// <param name="Detail">In a sentence.</param>
internal sealed record ShownSsoStep(
    [property: Words(SsoSteps.Discovery, SsoSteps.Issuer, SsoSteps.Endpoints, SsoSteps.Keys, SsoSteps.Client)] string Name,
    [property: Words(SsoSteps.Passed, SsoSteps.Failed, SsoSteps.NotSaid)] string Status,
    [property: Example("The document names the same issuer.")] string Detail);

/// <summary>Gathers the steps.</summary>
internal sealed partial class SsoSteps
{
    public const string Discovery = "discovery";
    public const string Issuer = "issuer";
    public const string Endpoints = "endpoints";
    public const string Keys = "keys";
    public const string Client = "client";

    public const string Passed = "passed";
    public const string Failed = "failed";
    public const string NotSaid = "unknown";

    private readonly List<ShownSsoStep> _steps = [];

    public void Pass(string name, string detail) => _steps.Add(new(name, Passed, detail));

    public void Fail(string name, string detail) => _steps.Add(new(name, Failed, detail));

    public void Unknown(string name, string detail) => _steps.Add(new(name, NotSaid, detail));

    /// <summary>What cannot be looked at because of an earlier step.</summary>
    public void Skip(string name) => Unknown(name, "It could not be looked at: see above.");

    /// <summary>All of it.</summary>
    public ShownSsoCheck ToAnswer() => new(_steps.All(step => step.Status != Failed), _steps);

    /// <summary>The error's code in an issuer's answer, if it has one that looks like one of the standard's: nothing else of what a stranger writes is shown to anybody.</summary>
    public static string? ErrorOf(string text)
    {
        try
        {
            using var answer = JsonDocument.Parse(text);
            return answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String
                && error.GetString() is { } code && Code().IsMatch(code)
                ? code
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex("^[a-z_]{1,40}$", RegexOptions.CultureInvariant)]
    private static partial Regex Code();
}
