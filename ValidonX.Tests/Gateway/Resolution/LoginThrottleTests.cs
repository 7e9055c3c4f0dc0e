using System.Net;
using System.Text;

namespace ValidonX.Tests.Gateway.Resolution;

[Collection(GatewayCollection.Name)]
public sealed class LoginThrottleTests(GatewayPlatform platform) : IAsyncLifetime
{
    private Upstream _upstream = null!;
    private GatewayUnderTest _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync();
        _gateway = await GatewayUnderTest.StartAsync(platform, [_upstream.Address]);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("/auth/login")]
    [InlineData("/v1/auth/login")]
    [InlineData("/api/v1/auth/login")]
    public async Task After_five_tries_an_account_is_locked_for_that_address_and_no_other_account_is(string path)
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 7; i++)
        {
            using var answer = await LoginAsync(path, $$"""{"email": " {{(i % 2 == 0 ? email : email.ToUpperInvariant())}}", "password": "x{{i}}"}""");
            answers.Add(answer.StatusCode);
        }

        Assert.InRange(answers.Count(status => status == HttpStatusCode.OK), 1, 5);
        using var locked = await LoginAsync(path, $$"""{"email":"{{email}}"}""");
        await locked.IsErrorAsync(HttpStatusCode.TooManyRequests, "AUTH.ACCOUNT_LOCKED");
        Assert.NotNull(locked.Headers.RetryAfter);
        using var other = await LoginAsync(path, $$"""{"email":"{{Guid.NewGuid():N}}@example.com"}""");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task The_licensing_api_gets_the_body_that_the_gateway_looked_into()
    {
        foreach (var body in new[] { $$"""{"email":"{{Guid.NewGuid():N}}@example.com","password":"pä\"ss"}""", new string(' ', 40_000) + "{}" })
        {
            using var answer = await LoginAsync("/auth/login", body);

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(body, _upstream.Last.Body);
        }
    }

    private async Task<HttpResponseMessage> LoginAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await _gateway.Client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
    }
}
