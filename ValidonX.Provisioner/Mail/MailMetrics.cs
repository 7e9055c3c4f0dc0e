using System.Diagnostics.Metrics;

namespace ValidonX.Provisioner.Mail;

/// <summary>What tells whether mails arrive: meter <c>ValidonX.Mail</c>.</summary>
internal sealed class MailMetrics : IDisposable
{
    public const string MeterName = "ValidonX.Mail";

    /// <summary>The server has taken it.</summary>
    public const string Sent = "sent";

    /// <summary>It is tried again later.</summary>
    public const string Postponed = "postponed";

    /// <summary>It is not tried again.</summary>
    public const string GivenUp = "given_up";

    private readonly Meter _meter;
    private readonly Counter<long> _mails;
    private (long Mails, double Seconds) _backlog;

    public MailMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _mails = _meter.CreateCounter<long>("validonx.mail.attempts", "{mail}", "Mails, by what became of a try to send them.");
        _meter.CreateObservableGauge("validonx.mail.backlog", () => Volatile.Read(ref _backlog.Mails), "{mail}", "Mails that wait to be sent.");
        _meter.CreateObservableGauge("validonx.mail.backlog_age", () => Volatile.Read(ref _backlog.Seconds), "s", "How long the first of them has waited.");
    }

    public void Count(string outcome, int mails = 1)
    {
        if (mails > 0)
        {
            _mails.Add(mails, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    /// <summary>Keeps what the gauges show until the next time.</summary>
    public void SetBacklog((long Mails, double Seconds) backlog)
    {
        Volatile.Write(ref _backlog.Mails, backlog.Mails);
        Volatile.Write(ref _backlog.Seconds, backlog.Seconds);
    }

    public void Dispose() => _meter.Dispose();
}
