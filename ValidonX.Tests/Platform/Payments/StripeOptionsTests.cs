using ValidonX.Platform.Payments;

namespace ValidonX.Tests.Platform.Payments;

/// <summary>What is wrong with a configuration of Stripe is said at start, all at once, and no secret with it.</summary>
public sealed class StripeOptionsTests
{
    [Fact]
    public void Nothing_is_switched_off_and_whole_settings_are_good()
    {
        Assert.Empty(new StripeOptions().Problems());
        Assert.False(new StripeOptions().IsOn);
        var good = new StripeOptions { SecretKey = "rk_live_1", WebhookSecret = "whsec_1", ReturnUrl = "https://portal.example/billing" };
        Assert.Empty(good.Problems());
        Assert.True(good is { IsOn: true, IsLive: true });
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once_without_the_secrets()
    {
        var problems = new StripeOptions
        {
            SecretKey = "pk_test_public",
            WebhookSecret = "secret",
            ApiBase = "http://api.example",
            ReturnUrl = "javascript:alert(1)",
            Tolerance = TimeSpan.Zero,
            Timeout = TimeSpan.Zero,
        }.Problems().ToList();

        Assert.Equal(6, problems.Count);
        Assert.DoesNotContain(problems, problem => problem.Contains("pk_test_public", StringComparison.Ordinal));
        Assert.Single(new StripeOptions { WebhookSecret = "whsec_1" }.Problems());
    }
}
