using System.Net;
using System.Net.Http.Json;
using ValidonX.AppHost;

namespace ValidonX.Tests.AppHost;

/// <summary>How often the dashboard's commands sign in.</summary>
public sealed class OperatorApiTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_at_once_and_one_after_the_other_sign_in_once()
    {
        using var gateway = new FakeGateway();
        var api = gateway.Api();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => api.GetAsync("/v1/plans", Cancellation)));
        await api.PostAsync("/v1/admin/tenants", null, Cancellation);

        Assert.Equal(1, gateway.SignIns);
        Assert.Equal(21, gateway.Served);
    }

    [Fact]
    public async Task A_token_that_is_refused_is_replaced_once_for_all_who_hold_it()
    {
        using var gateway = new FakeGateway();
        var api = gateway.Api();
        await api.GetAsync("/v1/plans", Cancellation);
        gateway.EndTokens();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => api.GetAsync("/v1/plans", Cancellation)));

        Assert.Equal(2, gateway.SignIns);
        Assert.Equal(21, gateway.Served);
    }

    [Fact]
    public async Task Who_is_refused_with_a_new_token_too_is_told_so()
    {
        using var gateway = new FakeGateway { RefusesAll = true };

        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => gateway.Api().GetAsync("/v1/plans", Cancellation));

        Assert.Equal("401: Not you.", refused.Message);
        Assert.Equal(2, gateway.SignIns);
    }

    [Fact]
    public async Task A_refused_sign_in_is_told_and_the_next_command_tries_again()
    {
        using var gateway = new FakeGateway { Locked = true };
        var api = gateway.Api();

        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => api.GetAsync("/v1/plans", Cancellation));
        Assert.Equal("429: Too many.", refused.Message);
        gateway.Locked = false;
        await api.GetAsync("/v1/plans", Cancellation);

        Assert.Equal(1, gateway.SignIns);
        Assert.Equal(1, gateway.Served);
    }

    private sealed class FakeGateway : HttpMessageHandler
    {
        private int _signIns;
        private int _served;
        private volatile int _firstValid = 1;

        public bool RefusesAll { get; init; }

        public bool Locked { get; set; }

        public int SignIns => _signIns;

        public int Served => _served;

        public OperatorApi Api() =>
            new(new HttpClient(this, disposeHandler: false), () => new Uri("http://gateway"), "admin@validonx.local", _ => ValueTask.FromResult<string?>("secret"));

        public void EndTokens() => _firstValid = _signIns + 1;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            // So that calls really run beside each other.
            await Task.Yield();
            if (request.RequestUri!.AbsolutePath == "/auth/login")
            {
                return Locked
                    ? Refusal(HttpStatusCode.TooManyRequests, "Too many.")
                    : Json(HttpStatusCode.OK, new { data = new { token = $"{Interlocked.Increment(ref _signIns)}" } });
            }

            if (RefusesAll || int.Parse(request.Headers.Authorization!.Parameter!, System.Globalization.CultureInfo.InvariantCulture) < _firstValid)
            {
                return Refusal(HttpStatusCode.Unauthorized, "Not you.");
            }

            Interlocked.Increment(ref _served);
            return Json(HttpStatusCode.OK, new { data = new { } });
        }

        private static HttpResponseMessage Refusal(HttpStatusCode status, string message) => Json(status, new { error = new { message } });

        private static HttpResponseMessage Json(HttpStatusCode status, object body) => new(status) { Content = JsonContent.Create(body) };
    }
}
