using ValidonX.Platform.Routes;

namespace ValidonX.Tests.Platform.Routes;

/// <summary>What the gateway takes a path for, where it decides how guessing is slowed down.</summary>
public sealed class RouteTableTests
{
    [Theory]
    [InlineData("/auth/login", SignInAttempt.Password)]
    [InlineData("/auth/forgot-password", SignInAttempt.Mail)]
    [InlineData("/auth/reset-password", SignInAttempt.MailedToken)]
    [InlineData("/auth/invitations/accept", SignInAttempt.MailedToken)]
    [InlineData("/v1/auth/login", SignInAttempt.Password)]
    [InlineData("/v1/auth/register", SignInAttempt.Mail)]
    [InlineData("/v1/auth/forgot-password", SignInAttempt.Mail)]
    [InlineData("/v1/auth/email/resend", SignInAttempt.Mail)]
    [InlineData("/v1/auth/email/verify", SignInAttempt.MailedToken)]
    [InlineData("/v1/auth/reset-password", SignInAttempt.MailedToken)]
    [InlineData("/v1/auth/email/change", SignInAttempt.MailedToken)]
    [InlineData("/v1/auth/invitations/accept", SignInAttempt.MailedToken)]
    public void What_a_stranger_can_try_is_limited_as_an_attempt(string path, SignInAttempt attempt)
    {
        var route = RouteTable.Find(path, "POST")!;

        Assert.Equal((RouteKind.Login, attempt), (route.Kind, route.Attempt));
        Assert.Equal(RouteKind.Public, RouteTable.Find(path, "GET")!.Kind);
    }

    [Theory]
    [InlineData("POST", "/v1/customer/codes", SignInAttempt.CustomerMail)]
    [InlineData("POST", "/v1/customer/sessions", SignInAttempt.CustomerCode)]
    [InlineData("DELETE", "/v1/customer/sessions", SignInAttempt.None)]
    [InlineData("GET", "/v1/customer/license", SignInAttempt.None)]
    [InlineData("DELETE", "/v1/customer/activations/{id}", SignInAttempt.None)]
    public void A_tenants_customer_comes_by_its_host_and_what_can_be_guessed_is_an_attempt(string method, string path, SignInAttempt attempt) =>
        Assert.Equal((RouteKind.Customer, attempt), (RouteTable.Find(path, method)!.Kind, RouteTable.Find(path, method)!.Attempt));

    [Theory]
    [InlineData("PUT", "/v1/account/password", RouteKind.Account, LimitedEndpoint.Password)]
    [InlineData("PUT", "/auth/password", RouteKind.Operator, LimitedEndpoint.Password)]
    [InlineData("DELETE", "/v1/account", RouteKind.Account, LimitedEndpoint.Password)]
    [InlineData("GET", "/v1/account", RouteKind.Account, LimitedEndpoint.None)]
    [InlineData("POST", "/v1/account/email", RouteKind.Account, LimitedEndpoint.Password)]
    [InlineData("POST", "/v1/account/two-factor", RouteKind.Account, LimitedEndpoint.Password)]
    [InlineData("DELETE", "/v1/account/two-factor", RouteKind.Account, LimitedEndpoint.SecondFactor)]
    [InlineData("POST", "/auth/two-factor", RouteKind.Operator, LimitedEndpoint.Password)]
    [InlineData("POST", "/v1/account/two-factor/confirm", RouteKind.Account, LimitedEndpoint.SecondFactor)]
    [InlineData("POST", "/v1/account/two-factor/recovery-codes", RouteKind.Account, LimitedEndpoint.SecondFactor)]
    [InlineData("DELETE", "/auth/two-factor", RouteKind.Operator, LimitedEndpoint.SecondFactor)]
    [InlineData("POST", "/auth/two-factor/confirm", RouteKind.Operator, LimitedEndpoint.SecondFactor)]
    [InlineData("POST", "/v1/auth/logout", RouteKind.Account, LimitedEndpoint.None)]
    public void What_somebody_signed_in_can_guess_is_limited_by_account(string method, string path, RouteKind kind, LimitedEndpoint limit)
    {
        var route = RouteTable.Find(path, method)!;

        Assert.Equal((kind, limit), (route.Kind, route.Limit));
    }

    [Theory]
    [InlineData("POST", "/v1/integration/activations", LimitedEndpoint.Activations)]
    [InlineData("POST", "/v1/integration/activations/{id}/validate", LimitedEndpoint.None)]
    [InlineData("POST", "/v1/integration/activations/{id}/heartbeat", LimitedEndpoint.Heartbeats)]
    [InlineData("DELETE", "/v1/integration/activations/{id}", LimitedEndpoint.Heartbeats)]
    [InlineData("POST", "/v1/integration/activations/a/b/heartbeat", LimitedEndpoint.None)]
    public void Who_has_a_seat_can_keep_it_and_let_it_go_however_many_want_one(string method, string path, LimitedEndpoint limit) =>
        Assert.Equal((RouteKind.Integration, limit), (RouteTable.Find(path, method)!.Kind, RouteTable.Find(path, method)!.Limit));

    [Fact]
    public void Only_the_route_of_Stripes_events_is_open_to_strangers_with_a_larger_body()
    {
        var events = RouteTable.Find("/v1/billing/stripe/events", "POST")!;

        Assert.Equal((RouteKind.Public, 256 * 1024), (events.Kind, events.MaximumAnonymousBytes));
        foreach (var (method, path) in new[] { ("GET", "/v1/billing/stripe/events"), ("POST", "/v1/billing/stripe/events/x"), ("POST", "/v1/billing/stripe"), ("POST", "/v1/billing/checkout"), ("POST", "/v1/tenant/stripe/events") })
        {
            Assert.Equal((RouteKind.Tenant, 16 * 1024), (RouteTable.Find(path, method)!.Kind, RouteTable.Find(path, method)!.MaximumAnonymousBytes));
        }

        Assert.Equal(16 * 1024, RouteTable.Find("/auth/login", "POST")!.MaximumAnonymousBytes);
    }
}
