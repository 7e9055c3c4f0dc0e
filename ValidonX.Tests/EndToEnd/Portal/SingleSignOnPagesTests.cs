using System.Text.RegularExpressions;
using ValidonX.Tests.Gateway.SingleSignOn;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>A company's own sign-in, from its set-up to the people who come by it.</summary>
public sealed partial class SingleSignOnPagesTests : IAsyncLifetime
{
    private OpenIdProvider _provider = null!;

    public async ValueTask InitializeAsync() => _provider = await OpenIdProvider.StartAsync();

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Fact]
    public async Task An_owner_sets_it_up_checks_it_and_people_sign_in_in_the_browser_that_began()
    {
        var vendor = await Portal.Vendor.CreateAsync();
        using var owner = await Visitor.EnterAsync(vendor);
        const string Page = "/single-sign-on";
        Assert.Contains("id=\"field-Issuer-error\"", await owner.FillAsync(Page, "sso", ("Issuer", "ftp://x"), ("ClientId", "validonx"), ("DefaultRole", "viewer"), ("HighestRole", "admin")), StringComparison.Ordinal);
        Assert.Contains("It is saved.", await SaveAsync("not the secret"), StringComparison.Ordinal);
        var wrong = await owner.FillAsync(Page, "check");
        Assert.Contains("A sign-in cannot work yet.", wrong, StringComparison.Ordinal);
        Assert.Contains("The issuer does not take the client", wrong, StringComparison.Ordinal);
        Assert.Contains("It is saved.", await SaveAsync(OpenIdProvider.ClientSecret), StringComparison.Ordinal);
        Assert.Contains("A sign-in can work.", await owner.FillAsync(Page, "check"), StringComparison.Ordinal);

        using var visitor = await Visitor.OpenAsync();
        Assert.Contains("RESOURCE.NOT_FOUND", await visitor.FillAsync("/sign-in/sso", "sso", ("Tenant", "nobody")), StringComparison.Ordinal);
        var back = await GoAsync(visitor);
        using var other = await Visitor.OpenAsync();
        Assert.Contains("was not begun in this browser", await other.TextAsync(back), StringComparison.Ordinal);
        using (var entered = await visitor.GetAsync(back))
        {
            Assert.EndsWith("/dashboard", entered.Headers.Location?.ToString(), StringComparison.Ordinal);
        }

        Assert.Contains("Name of browser", await visitor.TextAsync("/licenses"), StringComparison.Ordinal);
        // What was sent back is good once.
        Assert.Contains("was not begun in this browser", await visitor.TextAsync(back), StringComparison.Ordinal);
        Assert.Contains("did not let you in", await other.TextAsync("/sso/callback?error=access_denied&error_description=Call+0900"), StringComparison.Ordinal);

        var user = User().Match(await owner.TextAsync(Page)).Groups[1].Value;
        Assert.Contains("is forgotten.", await owner.FillAsync(Page, $"forget-{user}"), StringComparison.Ordinal);
        Assert.Contains("Nobody signs in there any more.", await owner.FillAsync(Page, "remove"), StringComparison.Ordinal);

        async Task<string> SaveAsync(string secret) => await owner.FillAsync(
            Page,
            "sso",
            ("Version", Version().Match(await owner.TextAsync(Page)).Groups[1].Value),
            ("Issuer", _provider.Issuer),
            ("ClientId", "validonx"),
            ("ClientSecret", secret),
            ("RoleClaim", "roles"),
            ("DefaultRole", ""),
            ("HighestRole", "admin"));

        async Task<string> GoAsync(Visitor who)
        {
            using var leaving = await who.PostAsync("/sign-in/sso", "/sign-in/sso", [("_handler", "sso"), ("Tenant", vendor.Slug)]);
            var cookie = Assert.Single(leaving.Headers.GetValues("Set-Cookie"), one => one.StartsWith("validonx-sso=", StringComparison.Ordinal));
            Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
            var there = leaving.Headers.GetValues("Refresh").Single()["0; url=".Length..];
            using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
            using var page = await browser.GetAsync(new Uri(there), TestContext.Current.CancellationToken);
            return page.Headers.Location!.PathAndQuery;
        }
    }

    [GeneratedRegex("forget-([0-9a-f-]{36})")]
    private static partial Regex User();

    [GeneratedRegex("name=\"Version\" value=\"([^>]*)\" ?/?>")]
    private static partial Regex Version();
}
