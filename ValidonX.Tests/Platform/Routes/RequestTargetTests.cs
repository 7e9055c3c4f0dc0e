using ValidonX.Platform.Routes;

namespace ValidonX.Tests.Platform.Routes;

/// <summary>One path has one spelling.</summary>
public sealed class RequestTargetTests
{
    [Theory]
    [InlineData("/v1/plans", "/v1/plans", "/v1/plans")]
    [InlineData("/v1/plans?x=%zz&y", "/v1/plans", "/v1/plans?x=%zz&y")]
    [InlineData("/api/v1/plans?", "/v1/plans", "/v1/plans?")]
    [InlineData("/api/auth/login", "/api/auth/login", "/api/auth/login")]
    [InlineData("/.well-known/x", "/.well-known/x", "/.well-known/x")]
    [InlineData("/v1/tenant/a..b", "/v1/tenant/a..b", "/v1/tenant/a..b")]
    [InlineData("/v1/integration/licenses/ABC-def/validate", "/v1/integration/licenses/ABC-def/validate", "/v1/integration/licenses/ABC-def/validate")]
    [InlineData("/v1/integration/licenses/a%2Fb%25%3F%23%2B%5C/validate", "/v1/integration/licenses/a%2Fb%25%3F%23%2B%5C/validate", "/v1/integration/licenses/a%2Fb%25%3F%23%2B%5C/validate")]
    [InlineData("/api/v1/integration/licenses/..%2F..%2Fadmin/validate", "/v1/integration/licenses/..%2F..%2Fadmin/validate", "/v1/integration/licenses/..%2F..%2Fadmin/validate")]
    [InlineData("/v1/integration/licenses/%D0%BB%20x/validate", "/v1/integration/licenses/%D0%BB%20x/validate", "/v1/integration/licenses/%D0%BB%20x/validate")]
    [InlineData("http://HOST:81/api/v1/plans?a", "/v1/plans", "/v1/plans?a")]
    public void A_normal_target_is_read_and_sent_on_as_it_is(string target, string path, string sentOn)
    {
        Assert.True(RequestTarget.TryRead(target, "host:81", out var read));
        Assert.Equal(path, read.Path.ToString());
        Assert.Equal(sentOn, target[read.Start..]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("host:81")]
    [InlineData("/")]
    [InlineData("/v1/")]
    [InlineData("//v1/plans")]
    [InlineData("/v1//plans")]
    [InlineData("/v1/plans/")]
    [InlineData("/v1/./plans")]
    [InlineData("/v1/x/../plans")]
    [InlineData("/v1/..")]
    [InlineData("/v1/plans/.")]
    [InlineData("/V1/plans")]
    [InlineData("/v1/Plans")]
    [InlineData("/API/v1/plans")]
    [InlineData("/%761/plans")]
    [InlineData("/v1%2Fplans")]
    [InlineData("/v1/plans%20")]
    [InlineData("/v1/plans%")]
    [InlineData("/v1\\plans")]
    [InlineData("/v1/plans;x=1")]
    [InlineData("/v1/plans#x")]
    [InlineData("/v1/plans?a#x")]
    [InlineData("/v1/plans?a\tb")]
    [InlineData("/v1/plans?\u00e9")]
    [InlineData("/v1/pl\u0131ans")]
    [InlineData("/v1/%2e%2e/auth/login")]
    [InlineData("http://other/v1/plans")]
    [InlineData("http://host:81")]
    [InlineData("http://host:81@other/v1/plans")]
    [InlineData("http://x@host:81/v1/plans")]
    [InlineData("ftp://host:81/v1/plans")]
    [InlineData("/v1/integration/licenses/")]
    [InlineData("/v1/integration/licenses//validate")]
    [InlineData("/v1/integration/licenses/./validate")]
    [InlineData("/v1/integration/licenses/../validate")]
    [InlineData("/v1/integration/licenses/%2E%2E/validate")]
    [InlineData("/v1/integration/licenses/%41BC/validate")]
    [InlineData("/v1/integration/licenses/a%2fb/validate")]
    [InlineData("/v1/integration/licenses/a%2/validate")]
    [InlineData("/v1/integration/licenses/a%zz/validate")]
    [InlineData("/v1/integration/licenses/a%+1/validate")]
    [InlineData("/v1/integration/licenses/a%00/validate")]
    [InlineData("/v1/integration/licenses/a%0D%0Ab/validate")]
    [InlineData("/v1/integration/licenses/a%7F/validate")]
    [InlineData("/v1/integration/licenses/%C0%AF/validate")]
    [InlineData("/v1/integration/licenses/%ED%A0%80/validate")]
    [InlineData("/v1/integration/licenses/%FF%FE/validate")]
    [InlineData("/v1/integration/licenses/a\\b/validate")]
    [InlineData("/v1/integration/licenses/a\"b/validate")]
    [InlineData("/v1/integration/licenses/KEY/Validate")]
    [InlineData("/v1/integration/licenses/KEY/validate/")]
    [InlineData("/v1/integration/licenses/KEY/%76alidate")]
    [InlineData("/v1/integration/licenses/KEY//validate")]
    [InlineData("/v1/integration/licenses/KEY/../validate")]
    public void Any_other_spelling_is_none(string target) => Assert.False(RequestTarget.TryRead(target, "host:81", out _));

    [Fact]
    public void Every_key_that_a_vendor_may_choose_has_one_spelling_and_is_read()
    {
        foreach (var c in Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code))
        {
            Assert.True(RequestTarget.TryRead($"{RequestTarget.LicenseKeys}{Uri.EscapeDataString($"{c}{c}{c}{c}{c}{c}")}/validate", null, out _), $"{c}");
        }
    }

    [Fact]
    public void Reading_an_ordinary_target_allocates_nothing()
    {
        foreach (var target in new[] { "/v1/integration/licenses/ABCD-EFGH-JKMN-PQRS/validate", "/v1/integration/entitlements/check?x=1", "/v1/integration/licenses/a%2Fb/validate" })
        {
            Assert.True(RequestTarget.TryRead(target, null, out _));
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1_000; i++)
            {
                RequestTarget.TryRead(target, null, out _);
            }

            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
    }
}
