using System.Diagnostics.Metrics;

namespace ValidonX.Platform.SingleSignOn;

/// <summary>Meter <c>ValidonX.SingleSignOn</c>: what became of issuers' tokens and of the calls to issuers. No tag tells whose.</summary>
public sealed class SingleSignOnMetrics
{
    public const string MeterName = "ValidonX.SingleSignOn";

    private readonly Counter<long> _tokens;
    private readonly Counter<long> _fetches;

    public SingleSignOnMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _tokens = meter.CreateCounter<long>("validonx.sso.tokens", "{token}", "Tokens of tenants' issuers that were checked, by outcome.");
        _fetches = meter.CreateCounter<long>("validonx.sso.key_fetches", "{fetch}", "Fetches of issuers' keys, by outcome.");
    }

    /// <summary>A token was checked.</summary>
    /// <param name="outcome"><c>accepted</c>, or one of the reasons of <see cref="TokenVerdict"/>.</param>
    public void Checked(string outcome) => _tokens.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    internal void Fetched(bool isSuccess) => _fetches.Add(1, new KeyValuePair<string, object?>("outcome", isSuccess ? "succeeded" : "failed"));
}
