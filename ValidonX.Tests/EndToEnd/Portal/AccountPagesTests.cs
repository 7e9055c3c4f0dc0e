using System.Text.RegularExpressions;
using OtpNet;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>What people do about their own account.</summary>
public sealed partial class AccountPagesTests
{
    [Fact]
    public async Task A_second_factor_is_turned_on_asked_for_and_turned_off_by_a_recovery_code()
    {
        var vendor = await Portal.Vendor.CreateAsync();
        using var visitor = await Visitor.EnterAsync(vendor);
        const string Page = "/account/security";
        var begun = await visitor.FillAsync(Page, "begin-two-factor", ("Password", vendor.Password));
        var secret = Secret().Match(begun).Groups[1].Value;
        (string, string)[] kept = [("Secret", secret), ("Address", Address().Match(begun).Groups[1].Value)];

        // A slip of the finger is no reason to begin anew.
        var slipped = await visitor.FillAsync(Page, "confirm-two-factor", [("Code", "000000"), .. kept]);
        Assert.Contains(secret, slipped, StringComparison.Ordinal);
        Assert.Contains("AUTH.VERIFICATION_FAILED", slipped, StringComparison.Ordinal);
        var on = await visitor.FillAsync(Page, "confirm-two-factor", [("Code", new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp()), .. kept]);
        Assert.Contains("The second factor is on.", on, StringComparison.Ordinal);
        var codes = Codes().Match(on).Groups[1].Value.Split('\n');
        Assert.Equal(codes.Distinct(), codes);
        Assert.DoesNotContain(codes[0], await visitor.TextAsync(Page), StringComparison.Ordinal);

        using var again = await Visitor.OpenAsync();
        using var asked = await again.SignInAsync(vendor.Email, vendor.Password);
        Assert.Contains("name=\"Otp\"", await asked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("/dashboard", await again.FillAsync("/sign-in", "sign-in", ("Email", vendor.Email), ("Password", vendor.Password), ("Otp", codes[0]), ("Kind", "vendors")));

        Assert.Contains("The second factor is off.", await visitor.FillAsync(Page, "remove-two-factor", ("Otp", codes[1])), StringComparison.Ordinal);
        Assert.Contains("Set it up", await visitor.TextAsync(Page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_a_password_and_the_account_itself_are_changed_by_who_knows_the_password()
    {
        var vendor = await Portal.Vendor.CreateAsync();
        using var visitor = await Visitor.EnterAsync(vendor);
        Assert.Contains("It is saved.", await visitor.FillAsync("/account", "profile", ("Name", "Ada <b>"), ("Company", "Acme")), StringComparison.Ordinal);
        Assert.Contains(">Ada <b></a>", await visitor.TextAsync("/account"), StringComparison.Ordinal);

        Assert.Contains("AUTH.", await visitor.FillAsync("/account", "password", ("Password", "not the password"), ("NewPassword", "another password of a test")), StringComparison.Ordinal);
        Assert.Contains("Your password is changed.", await visitor.FillAsync("/account", "password", ("Password", vendor.Password), ("NewPassword", "another password of a test")), StringComparison.Ordinal);
        Assert.Contains(
            "We have written to the new address.",
            await visitor.FillAsync("/account", "email", ("Email", $"new-{Guid.NewGuid():N}@tenant.example"), ("Password", "another password of a test")),
            StringComparison.Ordinal);
        using var export = await visitor.GetAsync("/download/account.json");
        Assert.Contains(vendor.Email, await export.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // The last owner of a company stays.
        Assert.Contains("RESOURCE.CONFLICT", await visitor.FillAsync("/account", "delete", ("Password", "another password of a test")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_without_a_company_accepts_the_invitation_of_one_and_deletes_the_account()
    {
        var stack = await Stack.GetAsync();
        var (host, guest) = (await Portal.Vendor.CreateAsync(), await Portal.Vendor.CreateAsync());
        (await host.Owner.PostAsync("/v1/tenant/members", new { email = guest.Email, role = "viewer" })).ShouldBe(201);
        using var visitor = await Visitor.EnterAsync(guest);
        var invitation = Invitation().Match(await visitor.TextAsync("/account/invitations")).Groups[1].Value;
        Assert.Contains("You belong to", await visitor.FillAsync("/account/invitations", $"accept-{invitation}"), StringComparison.Ordinal);
        Assert.Contains(host.TenantId, await visitor.TextAsync("/tenants"), StringComparison.Ordinal);

        (await stack.Operator.PostAsync($"/v1/admin/tenants/{guest.TenantId}/close")).ShouldBe(200);
        Assert.Equal("/sign-up", await visitor.FillAsync("/account", "delete", ("Password", guest.Password)));
        Assert.Contains("/sign-in", (await visitor.GetAsync("/account")).Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [GeneratedRegex("<code id=\"otp-secret\">([^<]*)<")]
    private static partial Regex Secret();

    [GeneratedRegex("name=\"Address\" value=\"([^\"]*)\"")]
    private static partial Regex Address();

    [GeneratedRegex("<pre id=\"recovery-codes\">([^<]*)<")]
    private static partial Regex Codes();

    [GeneratedRegex("accept-([0-9a-f-]{36})")]
    private static partial Regex Invitation();
}
