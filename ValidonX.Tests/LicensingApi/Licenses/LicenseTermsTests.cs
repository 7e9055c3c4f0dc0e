using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Resolution;
using ValidonX.Platform.Databases;

namespace ValidonX.Tests.LicensingApi.Licenses;

/// <summary>What is not known opens nothing.</summary>
public sealed class LicenseTermsTests
{
    private static readonly DateTimeOffset Now = new(2026, 4, 3, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("Active")]
    [InlineData("ACTIVE")]
    [InlineData(" active")]
    [InlineData("0")]
    [InlineData("")]
    [InlineData("archived")]
    public void A_stored_word_that_is_not_exactly_one_of_the_known_is_an_error(string word)
    {
        Assert.Throws<FormatException>(() => new LicenseTerms { StatusWord = word });
        Assert.Throws<FormatException>(() => new LicenseTerms { TypeWord = word });
        Assert.Throws<FormatException>(() => new LicenseTerms { BillingWord = word });
    }

    [Fact]
    public void Only_an_active_license_is_ever_in_force()
    {
        foreach (var status in Enumerable.Range(-1, 10).Select(number => (LicenseStatus)number).Where(status => status != LicenseStatus.Active))
        {
            foreach (var billing in Enum.GetValues<LicenseBilling>().Cast<LicenseBilling?>().Append(null))
            {
                var terms = new LicenseTerms { Status = status, Billing = billing, BillingSince = Now, ExpiresAt = Now.AddDays(1) };

                Assert.False(LicenseView.IsValid(terms.StateAt(Now)));
                Assert.False(LicenseResolution.Of(terms, Now, TimeSpan.FromDays(21)).IsValid);
            }
        }
    }

    [Fact]
    public void Words_and_values_stand_for_each_other()
    {
        Assert.Equal(["active", "trialing", "past_due", "paused", "canceled"], StoredEnum.All<LicenseBilling>());
        Assert.All(Enum.GetValues<LicenseBilling>(), value => Assert.Equal(value, StoredEnum.Parse<LicenseBilling>(value.Word())));
    }
}
