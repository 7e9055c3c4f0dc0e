namespace ValidonX.Tests.LicensingApi;

/// <summary>The system's clock, some time ahead. Timers and timestamps are the system's own, so that leases go on as ever.</summary>
internal sealed class ShiftedClock(TimeSpan ahead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
}
