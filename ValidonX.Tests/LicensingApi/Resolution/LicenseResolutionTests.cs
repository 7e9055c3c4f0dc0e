using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Resolution;

namespace ValidonX.Tests.LicensingApi.Resolution;

/// <summary>The words of <c>licensing/resolve</c> and when they mean that the app may run.</summary>
public sealed class LicenseResolutionTests
{
    private static readonly DateTimeOffset Now = new(2026, 4, 3, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("perpetual", "active", null, null, null, "active", true, null)]
    [InlineData("trial", "active", null, null, 5, "trialing", true, null)]
    [InlineData("trial", "active", null, null, -5, "expired", false, null)]
    [InlineData("subscription", "active", "active", 0, 5, "active", true, null)]
    [InlineData("subscription", "active", "trialing", 0, 5, "trialing", true, null)]
    [InlineData("subscription", "active", "active", 0, -5, "expired", false, null)]
    [InlineData("subscription", "active", "past_due", -20, -20, "past_due", true, 1)]
    [InlineData("subscription", "active", "past_due", -21, -21, "past_due", false, null)]
    [InlineData("subscription", "active", "paused", -1, 5, "paused", false, null)]
    [InlineData("subscription", "active", "canceled", -1, 5, "canceled", true, null)]
    [InlineData("subscription", "active", "canceled", -9, -5, "canceled", false, null)]
    [InlineData("subscription", "suspended", "active", 0, 5, "paused", false, null)]
    public void Each_state_has_its_word(
        string type, string status, string? billing, int? billingSinceDays, int? expiresInDays, string expected, bool isValid, int? graceEndsInDays)
    {
        var terms = new LicenseTerms
        {
            TypeWord = type,
            StatusWord = status,
            BillingWord = billing,
            BillingSince = InDays(billingSinceDays),
            ExpiresAt = InDays(expiresInDays),
        };

        var resolution = LicenseResolution.Of(terms, Now, TimeSpan.FromDays(21));

        Assert.Equal(new LicenseResolution(expected, isValid, InDays(graceEndsInDays)), resolution);
    }

    [Fact]
    public void Within_its_grace_period_a_license_is_valid_until_the_periods_end()
    {
        var terms = new LicenseTerms { Type = LicenseType.Perpetual, Status = LicenseStatus.Active, ExpiresAt = Now.AddDays(-1), GraceDays = 3 };

        Assert.Equal(new LicenseResolution("active", true, Now.AddDays(2)), LicenseResolution.Of(terms, Now, TimeSpan.Zero));
        Assert.Equal(new LicenseResolution("expired", false, null), LicenseResolution.Of(terms, Now.AddDays(2), TimeSpan.Zero));
    }

    [Fact]
    public void Grace_beyond_the_end_of_time_is_no_error()
    {
        var terms = new LicenseTerms { Type = LicenseType.Perpetual, Status = LicenseStatus.Active, ExpiresAt = new DateTimeOffset(9998, 12, 31, 0, 0, 0, TimeSpan.Zero), GraceDays = 3_650 };

        Assert.Equal(DateTimeOffset.MaxValue, terms.EndsAt);
        Assert.Equal(LicenseState.Active, terms.StateAt(Now));
    }

    private static DateTimeOffset? InDays(int? days) => days is { } count ? Now.AddDays(count) : null;
}
