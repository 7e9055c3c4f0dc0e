using System.Net;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>Who gets in, and what somebody makes of the portal who means it ill.</summary>
public sealed class PortalDoorTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/operations")]
    [InlineData("/operations/tenants/01a21ada-7935-7675-9093-38dea0cdc109")]
    [InlineData("/dashboard")]
    [InlineData("/licenses")]
    [InlineData("/download/licenses.csv")]
    [InlineData("/account")]
    [InlineData("/billing/invoices/01a21ada-7935-7675-9093-38dea0cdc109")]
    [InlineData("/operations/invoices/01a21ada-7935-7675-9093-38dea0cdc109")]
    public async Task Nobody_sees_a_page_without_signing_in(string path)
    {
        using var visitor = await Visitor.OpenAsync();
        var answer = await visitor.GetAsync(path);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/sign-in", answer.Headers.Location!.AbsolutePath);
    }

    [Fact]
    public async Task A_vendor_sees_no_page_of_operators_and_nothing_of_another_vendor()
    {
        var stack = await Stack.GetAsync();
        var other = await stack.CreateTenantAsync();
        var license = await other.CreateLicenseAsync();
        var vendor = await Portal.Vendor.CreateAsync();
        using var visitor = await Visitor.OpenAsync();
        Assert.Equal("/dashboard", (await visitor.SignInAsync(vendor.Email, vendor.Password)).Headers.Location!.ToString().Replace(stack.Portal.ToString().TrimEnd('/'), "", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.Redirect, (await visitor.GetAsync("/operations")).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.GetAsync($"/operations/tenants/{other.Id}")).StatusCode);
        var seen = await visitor.TextAsync($"/licenses/{license.Id}");
        Assert.Contains(".NOT_FOUND", seen, StringComparison.Ordinal);
        Assert.DoesNotContain(license.Key, seen, StringComparison.Ordinal);
        await visitor.PostAsync($"/tenants/{other.Id}/enter", "/tenants", []);
        Assert.DoesNotContain(license.Key, await visitor.TextAsync("/licenses"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forms_of_other_sites_do_nothing_and_the_session_is_out_of_reach_of_scripts()
    {
        var vendor = await Portal.Vendor.CreateAsync();
        using var visitor = await Visitor.OpenAsync();
        var entered = await visitor.SignInAsync(vendor.Email, vendor.Password);
        var cookie = Assert.Single(entered.Headers.GetValues("Set-Cookie"), one => one.StartsWith("validonx=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);

        Assert.Equal(HttpStatusCode.BadRequest, (await visitor.SendAsync("/sign-out", [])).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await visitor.SendAsync("/products", [("_handler", "new-product"), ("Code", "x"), ("Name", "x")])).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await visitor.GetAsync("/dashboard")).StatusCode);

        await visitor.PostAsync("/sign-out", "/dashboard", []);
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.GetAsync("/dashboard")).StatusCode);
    }

    [Fact]
    public async Task A_form_sent_twice_is_done_once_and_leads_to_the_page_as_it_is_now()
    {
        var vendor = await Portal.Vendor.CreateAsync();
        using var visitor = await Visitor.EnterAsync(vendor);
        var page = $"/licenses/{(string)(await vendor.Owner.PostAsync("/v1/tenant/licenses", new { })).ShouldBe(201).Data["license"]!["id"]!}";
        (string, string)[] pressed = [("once", Guid.NewGuid().ToString())];

        Assert.Contains("It is suspended.", await visitor.FillAsync(page, "suspend", pressed), StringComparison.Ordinal);
        Assert.Equal(page, await visitor.FillAsync(page, "suspend", pressed));
        Assert.Equal(HttpStatusCode.BadRequest, (await visitor.SendAsync(page, [("_handler", "suspend"), .. pressed])).StatusCode);
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example/")]
    public async Task Whoever_signs_in_is_sent_to_no_other_host(string elsewhere)
    {
        var vendor = await Portal.Vendor.CreateAsync();
        using var visitor = await Visitor.OpenAsync();
        var answer = await visitor.SignInAsync(vendor.Email, vendor.Password, elsewhere);
        Assert.DoesNotContain("elsewhere", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_told_in_a_sentence_and_no_page_has_a_script_or_style_of_its_own()
    {
        using var visitor = await Visitor.OpenAsync();
        var refused = await visitor.SignInAsync("nobody@tenant.example", "not the password");
        var text = await refused.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("AUTH.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("not the password", text, StringComparison.Ordinal);
        Assert.DoesNotMatch("<script(?! src)|<style| on[a-z]+=", text);
        Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline';", refused.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }
}
