using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ValidonX.Gateway.Limits;
using ValidonX.Platform.Audit;
using ValidonX.RateLimiting;

namespace ValidonX.Tests.Gateway.SignIn;

/// <summary>CONTRACT §4: how often passwords may be tried, over all gateways. The upstream takes the place of the licensing API.</summary>
[Collection(GatewayCollection.Name)]
public sealed class SignInThrottleTests(GatewayPlatform platform) : IAsyncLifetime
{
    private Upstream _upstream = null!;
    private GatewayUnderTest _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync(RefuseAsync);
        _gateway = await StartAsync();
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
    public async Task After_five_tries_an_account_is_locked_however_it_is_spelled_and_no_other_account_is(string path)
    {
        var name = Guid.NewGuid().ToString("N");
        await EarlyInAMinuteAsync();
        foreach (var spelling in new[] { $"{name}@bücher.example", $" {name}@BÜCHER.example", $"{name.ToUpperInvariant()}@xn--bcher-kva.example", $"{name}@XN--BCHER-KVA.example", $"{name}@bÜcher.EXAMPLE\t" })
        {
            using var tried = await LoginAsync(path, spelling);
            Assert.Equal(HttpStatusCode.Unauthorized, tried.StatusCode);
        }

        using var locked = await LoginAsync(path, $"{name}@bücher.example");

        var error = await locked.IsErrorAsync(HttpStatusCode.TooManyRequests, "AUTH.ACCOUNT_LOCKED");
        Assert.Equal(5, error.GetProperty("details").GetProperty("limit").GetInt32());
        Assert.InRange(locked.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        using var other = await LoginAsync(path, Anybody());
        Assert.Equal(HttpStatusCode.Unauthorized, other.StatusCode);
    }

    [Fact]
    public async Task An_account_has_five_tries_over_all_networks_and_gateways()
    {
        await using var second = await StartAsync();
        var account = Anybody();
        await EarlyInAMinuteAsync();

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 12; i++)
        {
            using var answer = await LoginAsync("/auth/login", account, $"198.51.100.{i}", i % 2 == 0 ? _gateway : second);
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal(5, statuses.Count(status => status == HttpStatusCode.Unauthorized));
        Assert.Equal(7, statuses.Count(status => status == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task Strangers_who_use_up_an_accounts_tries_do_not_lock_it_where_it_was_signed_in_to_before()
    {
        await using var second = await StartAsync();
        var account = Anybody();
        await EarlyInAMinuteAsync();
        _upstream.Answer = context => context.Response.WriteAsync("""{"data":{}}""");
        using (var owner = await LoginAsync("/auth/login", account, "2001:db8:1:1::7"))
        {
            Assert.Equal(HttpStatusCode.OK, owner.StatusCode);
        }

        _upstream.Answer = RefuseAsync;
        for (var i = 0; i < 8; i++)
        {
            using var stranger = await LoginAsync("/auth/login", account, $"198.51.100.{i}");
            Assert.Equal(i < 4 ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests, stranger.StatusCode);
        }

        // The same /64, through the other gateway: five tries of its own, and no more.
        for (var i = 0; i < 6; i++)
        {
            using var owner = await LoginAsync("/auth/login", account, $"2001:db8:1:1:ffff::{i}", second);
            Assert.Equal(i < 5 ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests, owner.StatusCode);
        }
    }

    [Fact]
    public async Task A_network_has_its_tries_whatever_the_accounts_and_however_its_address_is_written()
    {
        await using var narrow = await StartAsync(("Gateway:SignIn:PerNetwork", "6"));
        await EarlyInAMinuteAsync();
        string[] ofOneHost = [.. Enumerable.Range(1, 10).Select(host => $"2001:db8:9:1::{host:x}")];
        string[] ofOneAddress = [.. Enumerable.Range(1, 10).Select(host => host % 2 == 0 ? "203.0.113.77" : "::ffff:203.0.113.77")];
        foreach (var addresses in new[] { ofOneHost, ofOneAddress })
        {
            var statuses = new List<HttpStatusCode>();
            foreach (var address in addresses)
            {
                using var answer = await LoginAsync("/auth/login", Anybody(), address, narrow);
                statuses.Add(answer.StatusCode);
            }

            Assert.Equal(6, statuses.Count(status => status == HttpStatusCode.Unauthorized));
            using var locked = await LoginAsync("/auth/login", Anybody(), addresses[0], narrow);
            await locked.IsErrorAsync(HttpStatusCode.TooManyRequests, "AUTH.ACCOUNT_LOCKED");
            // Nonsense counts too.
            using var nonsense = await PostAsync("/auth/login", "{", addresses[0], narrow);
            Assert.Equal(HttpStatusCode.TooManyRequests, nonsense.StatusCode);
        }

        using var elsewhere = await LoginAsync("/auth/login", Anybody(), "203.0.113.78", narrow);
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
    }

    [Fact]
    public async Task Who_hammers_is_answered_four_times_a_second_on_each_connection()
    {
        await using var narrow = await StartAsync(("Gateway:SignIn:PerNetwork", "1"));
        var address = $"2001:db8:c:{Random.Shared.Next(1, 0xffff):x}::1";
        await EarlyInAMinuteAsync();
        using (await LoginAsync("/auth/login", Anybody(), address, narrow))
        {
            // The one try.
        }

        using (await LoginAsync("/auth/login", Anybody(), address, narrow))
        {
            // Now the gateway knows that there is no other.
        }

        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        for (var i = 0; i < 4; i++)
        {
            using var refused = await LoginAsync("/auth/login", Anybody(), address, narrow);
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        }

        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(began) >= TimeSpan.FromSeconds(0.95));
    }

    [Fact]
    public async Task A_flood_from_everywhere_is_let_through_and_remembered_up_to_the_strangers_quota_and_known_networks_still_sign_in()
    {
        const int quota = 12;
        // Under another pepper this gateway shares no count with those of the other tests.
        await using var flooded = await StartAsync(("Gateway:SignIn:Strangers", $"{quota}"), ("Secrets:ApiKeyPepper", Guid.NewGuid().ToString()));
        var account = Anybody();
        await EarlyInAMinuteAsync();
        _upstream.Answer = context => context.Response.WriteAsync("""{"data":{}}""");
        using (await LoginAsync("/auth/login", account, "192.0.2.1", flooded))
        {
            // Known from here on.
        }

        _upstream.Answer = RefuseAsync;

        var admitted = 0;
        for (var i = 0; ; i++)
        {
            using var answer = await LoginAsync("/auth/login", Anybody(), $"198.51.100.{i}", flooded);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                break;
            }

            admitted++;
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            using var answer = await LoginAsync("/auth/login", Anybody(), $"198.51.{i}.1", flooded);
            return answer.StatusCode;
        }));

        Assert.InRange(admitted, 1, quota);
        Assert.All(answers, status => Assert.Equal(HttpStatusCode.TooManyRequests, status));
        Assert.InRange(
            flooded.Services.GetRequiredService<PartitionRegistry>().Held.Count(held => held.Value.Policy.Name == PolicyNames.Login), 0, quota + 1);
        using var owner = await LoginAsync("/auth/login", account, "192.0.2.1", flooded);
        Assert.Equal(HttpStatusCode.Unauthorized, owner.StatusCode);
    }

    [Fact]
    public async Task What_is_throttled_is_in_the_audit_log_by_its_number()
    {
        var network = $"2001:db8:a:{Random.Shared.Next(1, 0xffff):x}::/64";
        var account = Anybody();
        await EarlyInAMinuteAsync();
        for (var i = 0; i < 12; i++)
        {
            using var answer = await LoginAsync("/auth/login", account, network.Replace("::/64", "::1", StringComparison.Ordinal));
        }

        await _gateway.Services.GetRequiredService<CountedAudit>().FlushAsync(everything: true, TestContext.Current.CancellationToken);

        var rows = $"FROM audit_logs WHERE action = 'sign_in.throttled' AND details LIKE '%\"network\":\"{network}\"%'";
        Assert.InRange(await platform.ScalarAsync<long>($"SELECT COUNT(*) {rows}"), 1, 3);
        Assert.Equal(7, await platform.ScalarAsync<long>($"SELECT SUM(CAST(JSON_EXTRACT(details, '$.times') AS UNSIGNED)) {rows}"));
        Assert.Equal(0, await platform.ScalarAsync<long>($"SELECT COUNT(*) FROM audit_logs WHERE details LIKE '%{account[..32]}%'"));
    }

    [Fact]
    public async Task The_licensing_api_gets_the_body_that_the_gateway_looked_into_and_where_it_came_from()
    {
        foreach (var body in new[] { $$"""{"email":"{{Anybody()}}","password":"pä\"ss"}""", new string(' ', 15_000) + "{}", "[", "" })
        {
            using var answer = await PostAsync("/auth/login", body, "203.0.113.5", _gateway);

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal(body, _upstream.Last.Body);
            Assert.Equal("203.0.113.5", _upstream.Last.Caller!.ClientAddress);
        }
    }

    [Fact]
    public async Task A_body_that_is_too_large_to_be_looked_into_is_refused()
    {
        var body = new string(' ', 17_000) + $$"""{"email":"{{Anybody()}}","password":"x"}""";

        using var answer = await PostAsync("/auth/login", body, "203.0.113.6", _gateway);

        await answer.IsErrorAsync(HttpStatusCode.RequestEntityTooLarge, "REQUEST.TOO_LARGE");
        Assert.Empty(_upstream.Requests);
    }

    [Theory]
    [InlineData("/v1/auth/register", "/v1/auth/forgot-password")]
    [InlineData("/v1/auth/forgot-password", "/v1/auth/email/resend")]
    [InlineData("/api/v1/auth/email/resend", "/v1/auth/register")]
    public async Task Strangers_have_five_mails_of_a_kind_a_minute_sent_to_an_address_from_wherever_and_lock_nothing_else(string path, string other)
    {
        await using var second = await StartAsync();
        var account = Anybody();
        await EarlyInAMinuteAsync();

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 8; i++)
        {
            using var answer = await LoginAsync(path, i % 2 == 0 ? account : account.ToUpperInvariant(), $"198.51.100.{i}", i % 2 == 0 ? _gateway : second);
            statuses.Add(answer.StatusCode);
        }

        using var locked = await LoginAsync(path, account);
        await locked.IsErrorAsync(HttpStatusCode.TooManyRequests, "AUTH.ACCOUNT_LOCKED");
        Assert.Equal(5, statuses.Count(status => status == HttpStatusCode.Unauthorized));
        foreach (var free in new[] { other, "/v1/auth/login" })
        {
            using var answer = await LoginAsync(free, account);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("/v1/auth/email/verify")]
    [InlineData("/v1/auth/reset-password")]
    public async Task A_network_has_its_tries_of_mailed_tokens_and_can_not_make_itself_known_by_one(string path)
    {
        await using var narrow = await StartAsync(("Gateway:SignIn:PerNetwork", "4"), ("Secrets:ApiKeyPepper", Guid.NewGuid().ToString()));
        var victim = Anybody();
        await EarlyInAMinuteAsync();
        _upstream.Answer = context => context.Response.WriteAsync("""{"data":{}}""");
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 7; i++)
        {
            using var answer = await PostAsync(path, $$"""{"token":"x","email":"{{victim}}"}""", "203.0.113.90", narrow);
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal(4, statuses.Count(status => status == HttpStatusCode.OK));
        _upstream.Answer = RefuseAsync;
        // Were the network known for the account, strangers could not use up its tries there.
        for (var i = 0; i < 5; i++)
        {
            using var stranger = await LoginAsync("/auth/login", victim, $"198.51.100.{i}", narrow);
        }

        using var attacker = await LoginAsync("/auth/login", victim, "203.0.113.90", narrow);
        Assert.Equal(HttpStatusCode.TooManyRequests, attacker.StatusCode);
    }

    private Task<GatewayUnderTest> StartAsync(params (string Name, string Value)[] settings) =>
        GatewayUnderTest.StartAsync(
            platform,
            [_upstream.Address],
            settings.Append(("Gateway:TrustedProxies:0", "127.0.0.0/8")).ToDictionary(setting => setting.Item1, setting => setting.Item2));

    /// <summary>Windows are minutes of the clock; what a test counts must lie in one.</summary>
    private static Task EarlyInAMinuteAsync() => Until.TrueAsync(() => DateTimeOffset.UtcNow.Second is > 0 and < 45, "a minute is young");

    private static string Anybody() => $"{Guid.NewGuid():N}@example.com";

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return context.Response.WriteAsync("""{"error":{}}""");
    }

    private Task<HttpResponseMessage> LoginAsync(string path, string email, string address = "203.0.113.4", GatewayUnderTest? gateway = null) =>
        PostAsync(path, $$"""{"email":{{System.Text.Json.JsonSerializer.Serialize(email)}},"password":"x"}""", address, gateway ?? _gateway);

    private static async Task<HttpResponseMessage> PostAsync(string path, string body, string address, GatewayUnderTest gateway)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Forwarded-For", address);
        return await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
