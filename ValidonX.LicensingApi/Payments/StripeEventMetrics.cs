using System.Diagnostics.Metrics;

namespace ValidonX.LicensingApi.Payments;

/// <summary>Meter <c>ValidonX.Payments</c>: what became of what was sent to us as Stripe's events.</summary>
internal sealed class StripeEventMetrics
{
    public const string MeterName = "ValidonX.Payments";

    /// <summary>It was not signed, not by our secret, or too long ago.</summary>
    public const string Unsigned = "unsigned";

    /// <summary>It could not be done; Stripe sends it again.</summary>
    public const string Failed = "failed";

    private readonly Counter<long> _events;

    public StripeEventMetrics(IMeterFactory meters) =>
        _events = meters.Create(MeterName).CreateCounter<long>("validonx.payments.stripe_events", "{event}", "Events of Stripe's, by outcome.");

    public void Count(string outcome) => _events.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
